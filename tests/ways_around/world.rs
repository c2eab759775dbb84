//! The surroundings of one run: AWS, somebody else's server, and a person's home.

use std::fs;
use std::path::PathBuf;

use data_encoding::BASE64;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use crate::support::aws::bedrock::Bedrock;
use crate::support::aws::container::Container;
use crate::support::aws::handed::Handed;
use crate::support::aws::imds::Imds;
use crate::support::aws::proxy::Proxy;
use crate::support::aws::server::{Log, Protocol, Server};
use crate::support::aws::sso::SsoPortal;
use crate::support::aws::sso_oidc::SsoOidc;
use crate::support::aws::sts::Sts;
use crate::support::aws::tls::Authority;

/// The company's account, and one that is not.
pub(crate) const CORP: &str = "111122223333";
pub(crate) const ELSEWHERE: &str = "444455556666";

/// What AWS's portal hands out for [`ACCESS_TOKEN`].
pub(crate) const SSO_KEY: &str = "ASIARTX3GSDSQCORPSSO";
/// What AWS's STS hands out for any role.
pub(crate) const ROLE_KEY: &str = "ASIARTX3GSDSQROLE777";
/// What the metadata service hands out.
pub(crate) const IMDS_KEY: &str = "ASIARTX3GSDSQIMDS777";
/// What somebody else's STS and portal hand out.
pub(crate) const ELSEWHERE_KEY: &str = "ASIAWO645SY5AELSEWHR";
/// The long-lived key that the container endpoint hands out as if it were temporary.
pub(crate) const CONTAINER_KEY: &str = "AKIAWO645SY5ALOCAL77";

pub(crate) const CONTAINER_AUTHORIZATION: &str = "container-authorization";
pub(crate) const ACCESS_TOKEN: &str = "corp-access-token";
pub(crate) const REFRESH_TOKEN: &str = "corp-refresh-token";

/// One run's surroundings. Both servers write into one log.
pub(crate) struct World {
    home: TempDir,
    log: Log,
    /// Serves plain http on loopback: whatever is not AWS.
    other: Server,
    proxy: Proxy,
    api_key: String,
    expired_api_key: String,
    long_lived_api_key: String,
    /// Serves AWS's own hosts over https; the proxy leads there.
    _aws: Server,
}

impl World {
    pub(crate) fn new() -> Self {
        let log = Log::default();
        let authority = Authority::new();
        let aws = Server::start_tls(&authority, log.clone(), aws());
        let proxy = Proxy::start(&aws);
        let other = Server::start(log.clone(), other());
        let home = TempDir::new().unwrap();
        fs::write(home.path().join("authority.pem"), authority.pem()).unwrap();
        let now = Timestamp::now();
        World {
            home,
            log,
            other,
            proxy,
            api_key: short_term_api_key(ROLE_KEY, now),
            expired_api_key: short_term_api_key(ROLE_KEY, now - SignedDuration::from_hours(13)),
            long_lived_api_key: short_term_api_key(CONTAINER_KEY, now),
            _aws: aws,
        }
    }

    /// What arrived, one line for each request.
    pub(crate) fn arrived(&self) -> Vec<String> {
        self.log.lines()
    }

    /// A file below the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes files below the home; parts of the same name follow each other.
    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        let mut written = Vec::new();
        for (name, text) in files {
            let path = self.path(name);
            let before = if written.contains(name) { fs::read(&path).unwrap() } else { Vec::new() };
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, [before, self.fill(text).into_bytes()].concat()).unwrap();
            written.push(name);
        }
    }

    /// Puts this run's places into a text.
    pub(crate) fn fill(&self, text: &str) -> String {
        text.replace("%HOME%", self.home.path().to_str().unwrap())
            .replace("%OTHER%", &self.other.url())
            .replace("%OTHER_PORT%", &self.other.port().to_string())
            .replace("%EXPIRED_API_KEY%", &self.expired_api_key)
            .replace("%LONG_LIVED_API_KEY%", &self.long_lived_api_key)
            .replace("%API_KEY%", &self.api_key)
    }

    /// What every environment holds, unless a case sets it otherwise.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let authority = self.fill("%HOME%/authority.pem");
        vec![
            ("HOME", self.fill("%HOME%")),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_CA_BUNDLE", authority.clone()),
            ("SSL_CERT_FILE", authority),
            ("HTTPS_PROXY", self.proxy.url()),
            ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        ]
    }
}

/// A Bedrock API key as AWS's generators make them, for twelve hours from that moment; its signature is invented.
fn short_term_api_key(signer: &str, signed_at: Timestamp) -> String {
    let date = signed_at.strftime("%Y%m%d");
    let url = format!(
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential={signer}%2F{date}%2Feu-west-1%2Fbedrock%2Faws4_request\
         &X-Amz-Date={}&X-Amz-Expires=43200&X-Amz-SignedHeaders=host\
         &X-Amz-Signature={}&Version=1",
        signed_at.strftime("%Y%m%dT%H%M%SZ"),
        "0".repeat(64),
    );
    format!("bedrock-api-key-{}", BASE64.encode(url.as_bytes()))
}

fn aws() -> Vec<Box<dyn Protocol>> {
    vec![
        Box::new(Bedrock),
        Box::new(Sts { hands_out: Handed::temporary(ROLE_KEY, CORP) }),
        portal(Handed::temporary(SSO_KEY, CORP)),
        oidc(),
    ]
}

fn other() -> Vec<Box<dyn Protocol>> {
    let elsewhere = Handed::temporary(ELSEWHERE_KEY, ELSEWHERE);
    vec![
        Box::new(Bedrock),
        Box::new(Sts { hands_out: elsewhere.clone() }),
        portal(elsewhere),
        oidc(),
        Box::new(Imds { hands_out: Handed::temporary(IMDS_KEY, CORP) }),
        Box::new(Container {
            authorization: Some(CONTAINER_AUTHORIZATION.to_owned()),
            hands_out: Handed::temporary(CONTAINER_KEY, ELSEWHERE),
        }),
    ]
}

fn portal(hands_out: Handed) -> Box<dyn Protocol> {
    Box::new(SsoPortal { access_token: ACCESS_TOKEN.to_owned(), hands_out })
}

fn oidc() -> Box<dyn Protocol> {
    Box::new(SsoOidc {
        refresh_token: REFRESH_TOKEN.to_owned(),
        hands_out: ACCESS_TOKEN.to_owned(),
    })
}
