//! The surroundings of one run: AWS behind a proxy, and a person's home with a policy.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::aws::bedrock::Bedrock;
use crate::support::aws::handed::Handed;
use crate::support::aws::proxy::Proxy;
use crate::support::aws::request::{Authentication, Request};
use crate::support::aws::server::{Log, Protocol, Server};
use crate::support::aws::sts::Sts;
use crate::support::aws::tls::Authority;
use crate::support::program::{PROGRAM, bare};

/// The key that a person has in variables of the family `ZED`, its session token, and an API key.
pub(crate) const KEY: &str = "ASIARTX3GSDSQHANDED7";
pub(crate) const TOKEN: &str = "handed-session-token";
pub(crate) const API_KEY: &str = "handed-api-key";
/// What STS hands out for any role.
pub(crate) const ROLE_KEY: &str = "ASIARTX3GSDSQROLE777";

/// What a policy allows, and what it allows once it was tightened.
pub(crate) const ANYTHING: &str = r#"{ "schema_version": 1, "id": "corp" }"#;
pub(crate) const NOTHING: &str = r#"{ "schema_version": 1, "id": "corp", "methods": {} }"#;

/// Where requests have to go.
pub(crate) const BEDROCK: &str = "bedrock-runtime.eu-west-1.amazonaws.com";

/// One run's surroundings.
pub(crate) struct World {
    home: TempDir,
    log: Log,
    proxy: Proxy,
    server: Server,
}

/// Who has what to hand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Has {
    AccessKey,
    ApiKey,
}

impl World {
    pub(crate) fn new() -> Self {
        let managed = std::path::Path::new("/etc/bedrock-auth");
        assert!(
            !managed.exists(),
            "what-if policies hand out nothing where {} is",
            managed.display()
        );
        let log = Log::default();
        let authority = Authority::new();
        let protocols: Vec<Box<dyn Protocol>> = vec![
            Box::new(Bedrock),
            Box::new(Sts { hands_out: Handed::temporary(ROLE_KEY, "111122223333") }),
        ];
        let server = Server::start_tls(&authority, log.clone(), protocols);
        let world =
            World { home: TempDir::new().unwrap(), log, proxy: Proxy::start(&server), server };
        world.write("authority.pem", &authority.pem());
        world.write("policy.json", ANYTHING);
        world
    }

    /// A file below the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// IT changes its mind.
    pub(crate) fn tighten(&self) {
        self.write("policy.json", NOTHING);
    }

    /// What every program's environment holds: the way to AWS as a company has it, and nothing about credentials.
    pub(crate) fn surroundings(&self) -> Vec<(String, String)> {
        let text = |path: PathBuf| path.into_os_string().into_string().unwrap();
        let authority = text(self.path("authority.pem"));
        let pairs = [
            ("HOME", text(self.path(""))),
            ("PATH", std::env::var("PATH").unwrap()),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus".to_owned()),
            ("HTTPS_PROXY", self.proxy.url()),
            ("AWS_CA_BUNDLE", authority.clone()),
            ("SSL_CERT_FILE", authority.clone()),
            ("NODE_EXTRA_CA_CERTS", authority),
            ("LOCAL_AWS_PORT", self.server.port().to_string()),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The variables of a person who has this.
    pub(crate) fn person(&self, has: Has) -> Vec<(String, String)> {
        let own: &[_] = match has {
            Has::AccessKey => &[
                ("ZED_ACCESS_KEY_ID", KEY),
                ("ZED_SECRET_ACCESS_KEY", "handed-secret"),
                ("ZED_SESSION_TOKEN", TOKEN),
            ],
            Has::ApiKey => &[("ZED_BEDROCK_BEARER_TOKEN", API_KEY)],
        };
        let own = own.iter().chain(&[("ZED_AWS_REGION", "eu-west-1")]);
        let own = own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.surroundings().into_iter().chain(own).collect()
    }

    /// The program with one of its commands, under the policy of this run.
    pub(crate) fn ours(&self, words: &[&str]) -> Vec<String> {
        let policy = self.path("policy.json").into_os_string().into_string().unwrap();
        let (command, rest) = words.split_first().unwrap();
        let options = [PROGRAM, command, "--managed", &policy, "--no-keychain"];
        options.iter().chain(rest).map(|word| (*word).to_owned()).collect()
    }

    /// What arrived, one line for each request, and nothing more from now on.
    pub(crate) fn arrived(&self) -> Vec<String> {
        self.log.lines()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.log.requests()
    }
}

/// A program with its arguments, in an environment of these variables alone.
pub(crate) fn command(words: &[String], variables: &[(String, String)]) -> Command {
    let (program, arguments) = words.split_first().unwrap();
    let mut command = bare(program);
    command.args(arguments).env_clear().envs(variables.iter().cloned());
    command
}

/// The end of the line of a request that is signed with the credential.
pub(crate) fn signed_as_meant(has: Has) -> String {
    match has {
        Has::AccessKey => format!("session {KEY}"),
        Has::ApiKey => format!("bearer {API_KEY}"),
    }
}

/// What arrives when the credential is used as it is meant.
pub(crate) fn as_meant(has: Has) -> String {
    format!("{BEDROCK} Converse {}", signed_as_meant(has))
}

/// Region and session token besides.
pub(crate) fn is_signed_as_meant(request: &Request) -> bool {
    match request.authentication() {
        Authentication::Signature { scope, .. } => {
            scope.ends_with("/eu-west-1/bedrock/aws4_request")
                && request.header("x-amz-security-token") == Some(TOKEN)
        }
        _ => true,
    }
}
