//! What the SDK does, with answers of ours for STS, the metadata service and the container.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use super::files::Files;

#[derive(Debug)]
pub(super) struct Done {
    pub(super) end: End,
    /// Each call to STS: the role, and the key that signed it.
    pub(super) calls: Vec<(String, String)>,
}

#[derive(Debug)]
pub(super) enum End {
    Key(String),
    NotLoaded,
    Refused(String),
    #[expect(dead_code, reason = "shown when a comparison fails")]
    Failed(String),
}

impl Done {
    pub(super) fn lacks_a_feature(&self) -> bool {
        matches!(&self.end, End::Refused(why) if why.contains("cargo feature"))
    }
}

pub(super) async fn sdk(files: &Files, profile: &str) -> Done {
    let aws = Aws::default();
    let contents = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, files.config.as_str())
        .with_contents(EnvConfigFileKind::Credentials, files.credentials.as_str())
        .build();
    let config = ProviderConfig::without_region()
        .with_region(Some(Region::from_static("eu-west-1")))
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(aws.clone());
    let provider = ProfileFileCredentialsProvider::builder()
        .configure(&config)
        .profile_files(contents)
        .profile_name(profile)
        .build();
    let end = match provider.provide_credentials().await {
        Ok(key) => End::Key(key.access_key_id().to_owned()),
        Err(CredentialsError::CredentialsNotLoaded(_)) => End::NotLoaded,
        Err(error @ CredentialsError::InvalidConfiguration(_)) => End::Refused(causes(&error)),
        Err(error) => End::Failed(causes(&error)),
    };
    let calls = aws.calls.lock().unwrap().clone();
    Done { end, calls }
}

fn causes(error: &CredentialsError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Answers for STS and the metadata service.
#[derive(Debug, Clone, Default)]
pub(super) struct Aws {
    calls: Arc<Mutex<Vec<(String, String)>>>,
}

pub(super) const IMDS_KEY: &str = "IMDSKEY";
pub(super) const CONTAINER_KEY: &str = "CONTAINERKEY";

impl HttpClient for Aws {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = match request.uri() {
            uri if uri.contains("169.254.169.254") => Some(metadata(uri)),
            uri if uri.ends_with("/x") => Some(key_document(CONTAINER_KEY)),
            _ => self.assume_role(&request),
        };
        let status = if answer.is_some() { 200 } else { 400 };
        let body = SdkBody::from(answer.unwrap_or_default());
        let mut response = HttpResponse::new(status.try_into().unwrap(), body);
        response.headers_mut().insert("x-aws-ec2-metadata-token-ttl-seconds", "600");
        HttpConnectorFuture::ready(Ok(response))
    }
}

impl Aws {
    /// Nobody has a role without a name.
    fn assume_role(&self, request: &HttpRequest) -> Option<String> {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap()).into_owned();
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(body.as_bytes()).collect();
        let action = &form["Action"];
        if form["RoleArn"].is_empty() {
            return None;
        }
        let signature = request.headers().get("authorization").unwrap_or_default();
        let key = signature.split("Credential=").nth(1).unwrap_or_default();
        let key = key.split('/').next().unwrap_or_default().to_owned();
        let mut calls = self.calls.lock().unwrap();
        calls.push((form["RoleArn"].to_string(), key));
        let issued = format!("ASSUMED{}", calls.len());
        Some(format!(
            "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result>\
             <AssumedRoleUser><AssumedRoleId>x:y</AssumedRoleId>\
             <Arn>arn:aws:sts::111122223333:assumed-role/r/s</Arn></AssumedRoleUser>\
             <Credentials><AccessKeyId>{issued}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
             <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
             </{action}Result></{action}Response>"
        ))
    }
}

fn metadata(uri: &str) -> String {
    if uri.ends_with("/security-credentials/") {
        "role".to_owned()
    } else if uri.ends_with("/role") {
        key_document(IMDS_KEY)
    } else {
        "token".to_owned()
    }
}

fn key_document(id: &str) -> String {
    format!(
        "{{\"Code\":\"Success\",\"AccessKeyId\":\"{id}\",\"SecretAccessKey\":\"s\",\"Token\":\"t\",\
         \"Expiration\":\"2099-01-01T00:00:00Z\"}}"
    )
}
