//! The local servers satisfy the real SDK, record what arrives, and refuse what AWS refuses.

use std::error::Error;

use aws_config::BehaviorVersion;
use aws_config::imds;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_bedrockruntime::error::DisplayErrorContext;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseStreamOutput, Message,
};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::support::aws::bedrock::{Bedrock, REPLY};
use crate::support::aws::container::{Container, PATH};
use crate::support::aws::handed::Handed;
use crate::support::aws::imds::Imds;
use crate::support::aws::proxy::Proxy;
use crate::support::aws::request::{Authentication, Request};
use crate::support::aws::server::{Log, Server};
use crate::support::aws::sso::SsoPortal;
use crate::support::aws::sts::Sts;
use crate::support::aws::tls::Authority;
use crate::world::{CORP, ELSEWHERE, ROLE_KEY};

fn handed() -> Handed {
    Handed::temporary(ROLE_KEY, CORP)
}

/// The configuration of a client that signs with a session's key.
fn config(http_client: SharedHttpClient, endpoint: &str) -> SdkConfig {
    let token = Some("session-token".to_owned());
    let credentials = Credentials::new("ASIARTX3GSDSQINCODE2", "secret", token, None, "in-code");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-west-1"))
        .http_client(http_client)
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

fn plain_http() -> SharedHttpClient {
    Builder::new().build_http()
}

/// Trusts that authority alone; through a proxy if one is named.
fn https(authority: &Authority, proxy: Option<&Proxy>) -> SharedHttpClient {
    let trusted = TrustStore::empty().with_pem_certificate(authority.pem());
    let context = TlsContext::builder().with_trust_store(trusted).build().unwrap();
    let proxy =
        proxy.map_or_else(ProxyConfig::disabled, |proxy| ProxyConfig::https(proxy.url()).unwrap());
    Builder::new().build_with_connector_fn(move |_, _| {
        Connector::builder()
            .proxy_config(proxy.clone())
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone())
            .build()
    })
}

pub(crate) async fn converse_stream(config: &SdkConfig) -> Result<String, Box<dyn Error>> {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text("ping".to_owned()))
        .build()?;
    let client = aws_sdk_bedrockruntime::Client::new(config);
    let call = client.converse_stream().model_id("local.model").messages(message);
    let mut stream = call.send().await?.stream;
    let (mut text, mut has_ended) = (String::new(), false);
    while let Some(event) = stream.recv().await? {
        match event {
            ConverseStreamOutput::ContentBlockDelta(delta) => {
                text.push_str(delta.delta.unwrap().as_text().unwrap());
            }
            ConverseStreamOutput::MessageStop(_) => has_ended = true,
            _ => {}
        }
    }
    assert!(has_ended, "the stream broke off after {text:?}");
    Ok(text)
}

fn only(log: &Log) -> Request {
    let [request] = &log.requests()[..] else { panic!("not one request: {:?}", log.lines()) };
    request.clone()
}

#[tokio::test]
async fn bedrock_streams_and_records_who_signed() {
    let log = Log::default();
    let server = Server::start(log.clone(), vec![Box::new(Bedrock)]);
    let said = converse_stream(&config(plain_http(), &server.url())).await.unwrap();
    assert_eq!(said, REPLY);
    let request = only(&log);
    assert_eq!(request.operation, Some("ConverseStream"));
    assert_eq!(request.header("host"), Some(server.url().trim_start_matches("http://")));
    assert_eq!(request.header("x-amz-security-token"), Some("session-token"));
    let Authentication::Signature { access_key_id, scope } = request.authentication() else {
        panic!("not signed: {request}");
    };
    assert_eq!(access_key_id, "ASIARTX3GSDSQINCODE2");
    assert_eq!(scope.split_once('/').unwrap().1, "eu-west-1/bedrock/aws4_request");
    let body = std::str::from_utf8(&request.body).unwrap();
    assert!(body.contains("ping"), "{body}");
}

#[tokio::test]
async fn a_server_has_a_certificate_for_any_host_behind_the_proxy() {
    let (log, authority) = (Log::default(), Authority::new());
    let server = Server::start_tls(&authority, log.clone(), vec![Box::new(Bedrock)]);
    let proxy = Proxy::start(&server);
    let host = "bedrock-runtime.eu-west-1.amazonaws.com";
    let http_client = https(&authority, Some(&proxy));
    converse_stream(&config(http_client, &format!("https://{host}"))).await.unwrap();
    assert_eq!(proxy.asked(), [format!("{host}:443")]);
    assert_eq!(only(&log).header("host"), Some(host));
    converse_stream(&config(https(&authority, None), &server.url())).await.unwrap();
    assert_eq!(log.requests()[1].host(), "127.0.0.1");
}

#[tokio::test]
async fn an_unknown_authority_is_sent_nothing() {
    let log = Log::default();
    let server = Server::start_tls(&Authority::new(), log.clone(), vec![Box::new(Bedrock)]);
    let stranger = https(&Authority::new(), None);
    let error = converse_stream(&config(stranger, &server.url())).await.unwrap_err();
    let error = DisplayErrorContext(&*error).to_string();
    assert!(error.contains("invalid peer certificate"), "{error}");
    assert!(log.requests().is_empty(), "{:?}", log.lines());
}

#[tokio::test]
async fn sts_says_whose_credentials_it_hands_out() {
    let log = Log::default();
    let hands_out = Handed { account: Some(ELSEWHERE.to_owned()), ..handed() };
    let server = Server::start(log.clone(), vec![Box::new(Sts { hands_out: hands_out.clone() })]);
    let sts = aws_sdk_sts::Client::new(&config(plain_http(), &server.url()));
    let caller = sts.get_caller_identity().send().await.unwrap();
    assert_eq!(caller.account(), Some(ELSEWHERE));
    let assumed = sts
        .assume_role()
        .role_arn("arn:aws:iam::111122223333:role/team/Bedrock")
        .role_session_name("ada")
        .send()
        .await
        .unwrap();
    let user = assumed.assumed_role_user.unwrap();
    assert_eq!(user.arn, "arn:aws:sts::444455556666:assumed-role/Bedrock/ada");
    let credentials = assumed.credentials.unwrap();
    assert_eq!(credentials.access_key_id, ROLE_KEY);
    assert_eq!(Some(credentials.session_token), hands_out.session_token);
    assert_eq!(credentials.expiration.secs(), hands_out.expiration.unwrap().as_second());
    assert_eq!(
        log.lines(),
        [
            "127.0.0.1 GetCallerIdentity session ASIARTX3GSDSQINCODE2",
            "127.0.0.1 AssumeRole session ASIARTX3GSDSQINCODE2",
        ]
    );
}

#[tokio::test]
async fn the_portal_leaves_out_what_the_test_leaves_out() {
    let hands_out = Handed { expiration: None, ..handed() };
    let portal = SsoPortal { access_token: "right".to_owned(), hands_out };
    let server = Server::start(Log::default(), vec![Box::new(portal)]);
    let sso = aws_sdk_sso::Client::new(&config(plain_http(), &server.url()));
    let ask = |token: &str| {
        sso.get_role_credentials()
            .account_id(CORP)
            .role_name("BedrockUser")
            .access_token(token)
            .send()
    };
    let role = ask("right").await.unwrap().role_credentials.unwrap();
    assert_eq!((role.access_key_id(), role.expiration), (Some(ROLE_KEY), 0));
    let refused = ask("wrong").await.unwrap_err().into_service_error();
    assert!(refused.is_unauthorized_exception(), "{refused:?}");
}

#[tokio::test]
async fn the_metadata_service_wants_a_session() {
    let log = Log::default();
    let server = Server::start(log.clone(), vec![Box::new(Imds { hands_out: handed() })]);
    let client = imds::Client::builder()
        .configure(&ProviderConfig::without_region().with_http_client(plain_http()))
        .endpoint(server.url())
        .unwrap()
        .build();
    let path = "/latest/meta-data/iam/security-credentials/";
    assert_eq!(client.get(path).await.unwrap().as_ref(), "InstanceRole");
    assert_eq!(log.lines(), ["127.0.0.1 MetadataToken nothing", "127.0.0.1 RoleName nothing"]);
    let address = server.url().replace("http://", "");
    let answer = raw(&address, &format!("GET {path} HTTP/1.1\r\nhost: {address}\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

/// The beginning of the answer to a request that no SDK sends.
async fn raw(address: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 64];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// That it satisfies the SDK, which takes its address from variables alone, is shown by the cases.
#[tokio::test]
async fn the_container_endpoint_wants_its_authorization() {
    let container = Container { authorization: Some("right".to_owned()), hands_out: handed() };
    let server = Server::start(Log::default(), vec![Box::new(container)]);
    let address = server.url().replace("http://", "");
    for (shown, status) in [("right", "200 OK"), ("wrong", "401 Unauthorized")] {
        let request =
            format!("GET {PATH} HTTP/1.1\r\nhost: {address}\r\nauthorization: {shown}\r\n\r\n");
        let answer = raw(&address, &request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{answer}");
    }
}
