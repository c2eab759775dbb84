//! The container credentials endpoint, asked where it was judged to be, with what the judged environment has for it.

use std::fmt;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{
    HttpResponse, OrchestratorError, SensitiveOutput,
};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Uri};
use secrecy::ExposeSecret;

use super::handed::Handed;
use super::{Ground, PROVIDER, Stepped, off_thread};
use crate::client::failure::{StepFailed, innermost};
use crate::load::{ContainerAuthorization, Environment, container_authorization};
use crate::prose::{Shown, quoted};
use crate::signer::{MovedEndpoint, Service};

const ASKED: &str = "the container credentials endpoint";
/// As AWS's SDKs have them.
const CONNECT: Duration = Duration::from_secs(2);
const READ: Duration = Duration::from_secs(5);

impl Ground {
    /// The endpoint's whole URL was judged; what it is shown is read anew each time.
    pub(in crate::client) async fn container(&self, environment: &Environment) -> Stepped {
        let call = self.endpoints.call(Service::Container);
        let Some(endpoint) = call.and_then(|call| call.moved_to.as_ref()) else {
            return Err(StepFailed::new("no variable names a container credentials endpoint"));
        };
        let environment = environment.clone();
        let remedy = "look at what `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` names";
        let authorization =
            off_thread(move || container_authorization(&environment), remedy).await?;
        credentials(self.http_client.clone(), endpoint, authorization).await
    }
}

/// Asks the endpoint for credentials.
async fn credentials(
    http_client: SharedHttpClient,
    endpoint: &MovedEndpoint,
    authorization: Option<ContainerAuthorization>,
) -> Result<Credentials, StepFailed> {
    let uri: Uri = endpoint.url.parse().map_err(|_| StepFailed::new(NO_ADDRESS))?;
    let origin = origin(&uri).ok_or_else(|| StepFailed::new(NO_ADDRESS))?;
    let header = authorization.as_ref().map(header).transpose()?;
    let variable = authorization.map(|authorization| authorization.variable);
    let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let operation = Operation::builder()
        .service_name("container credentials")
        .operation_name("get")
        .endpoint_url(&origin)
        .http_client(http_client)
        .no_auth()
        .standard_retry(&RetryConfig::standard())
        .retry_classifier(TransientErrorClassifier::<StepFailed>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build(),
        )
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .runtime_plugin(keeps_answers_out_of_logs())
        .serializer(move |()| {
            let request = http::Request::get(path.as_str()).header(ACCEPT, "application/json");
            let request = match &header {
                Some(header) => request.header(AUTHORIZATION, header),
                None => request,
            };
            Ok(request.body(SdkBody::empty())?.try_into()?)
        })
        .deserializer(move |answer| read(answer, variable).map_err(OrchestratorError::operation))
        .build();
    operation.invoke(()).await.map_err(|error| match error {
        SdkError::ServiceError(answered) => answered.into_err(),
        error => {
            let why = innermost(&error);
            StepFailed::new(format!("{ASKED} {} does not answer: {why}", quoted(&origin)))
                .with_remedy(format!("start what listens there, or mend {}", endpoint.at))
                .caused_by(error)
        }
    })
}

const NO_ADDRESS: &str = "the container credentials endpoint has no address";

/// Without path and query, which can hold a secret.
fn origin(uri: &Uri) -> Option<String> {
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

fn header(authorization: &ContainerAuthorization) -> Result<HeaderValue, StepFailed> {
    let mut header = HeaderValue::from_str(authorization.token.expose_secret()).map_err(|_| {
        let variable = authorization.variable;
        StepFailed::new(format!("the authorization token of `{variable}` fits no header"))
            .with_remedy(format!(
                "mend what `{variable}` says: one line, without control characters"
            ))
    })?;
    header.set_sensitive(true);
    Ok(header)
}

fn keeps_answers_out_of_logs() -> StaticRuntimePlugin {
    let mut layer = Layer::new("container credentials");
    layer.store_put(SensitiveOutput);
    StaticRuntimePlugin::new().with_config(layer.freeze())
}

fn read(answer: &HttpResponse, variable: Option<&str>) -> Result<Credentials, StepFailed> {
    let handed = Handed::parse(answer.body().bytes().unwrap_or_default());
    let status = answer.status();
    if !status.is_success() {
        let said = handed.ok().and_then(|handed| Said::in_answer(&handed));
        return Err(refused(status.as_u16(), said, variable));
    }
    let unusable =
        |why: String| StepFailed::new(format!("the answer of {ASKED} is not usable: {why}"));
    let handed = handed.map_err(unusable)?;
    if let Some(said) = Said::in_answer(&handed).filter(|said| said.code != "Success") {
        let failed = StepFailed::new(format!("{ASKED} gives no credentials"));
        return Err(failed.quoting(&said.to_string()));
    }
    whole(&handed).map_err(unusable)
}

/// All four are required.
fn whole(handed: &Handed) -> Result<Credentials, String> {
    let expires = handed.expiration()?.ok_or("it holds no `Expiration`")?;
    Ok(Credentials::new(
        handed.required("AccessKeyId")?,
        handed.required("SecretAccessKey")?,
        Some(handed.required("Token")?.to_owned()),
        Some(expires),
        PROVIDER,
    ))
}

fn refused(status: u16, said: Option<Said>, variable: Option<&str>) -> StepFailed {
    let failed = StepFailed::new(format!("{ASKED} answers with {status}"));
    let failed = match said {
        Some(said) => failed.quoting(&said.to_string()),
        None => failed,
    };
    match (status, variable) {
        (401 | 403, Some(variable)) => {
            failed.with_remedy(format!("mend the authorization token of `{variable}`"))
        }
        (401 | 403, None) => failed.with_remedy(
            "set `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or `AWS_CONTAINER_AUTHORIZATION_TOKEN`",
        ),
        _ => failed,
    }
}

/// The endpoint's own words.
struct Said {
    code: String,
    message: Option<String>,
}

impl Said {
    fn in_answer(handed: &Handed) -> Option<Self> {
        let code = handed.text("code")?.to_owned();
        Some(Said { code, message: handed.text("message").map(str::to_owned) })
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "{} ({})", Shown(message), Shown(&self.code)),
            None => write!(f, "{}", Shown(&self.code)),
        }
    }
}
