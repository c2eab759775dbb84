//! The EC2 instance metadata service, version 2.

use super::handed::Handed;
use super::request::Request;
use super::server::{Answer, Protocol};

const ROLE: &str = "InstanceRole";
const SESSION: &str = "metadata-session";
const CREDENTIALS: &str = "/latest/meta-data/iam/security-credentials/";

/// An instance with one role.
pub(crate) struct Imds {
    pub(crate) hands_out: Handed,
}

impl Protocol for Imds {
    fn answer(&self, request: &Request) -> Option<Answer> {
        let method = request.method.as_str();
        match (method, request.path()) {
            ("PUT", "/latest/api/token") => Some(session(request)),
            ("GET", path) if path.starts_with("/latest/meta-data/") => {
                Some(if request.header("x-aws-ec2-metadata-token") == Some(SESSION) {
                    self.meta_data(path.strip_prefix(CREDENTIALS))
                } else {
                    Answer { status: 401, ..text("Metadata", "") }
                })
            }
            _ => None,
        }
    }
}

impl Imds {
    fn meta_data(&self, credentials_of: Option<&str>) -> Answer {
        match credentials_of {
            Some("") => text("RoleName", ROLE),
            Some(ROLE) => {
                let mut credentials = self.hands_out.json();
                credentials["Code"] = "Success".into();
                credentials["Type"] = "AWS-HMAC".into();
                Answer::json("RoleCredentials", &credentials)
            }
            _ => Answer { status: 404, ..text("Metadata", "") },
        }
    }
}

const LIFETIME: &str = "x-aws-ec2-metadata-token-ttl-seconds";

/// A session wants to be told how long it lives.
fn session(request: &Request) -> Answer {
    match request
        .header(LIFETIME)
        .filter(|seconds| (1..=21_600).contains(&seconds.parse().unwrap_or(0)))
    {
        Some(seconds) => {
            let header = Some((LIFETIME, seconds.to_owned()));
            Answer { header, ..text("MetadataToken", SESSION) }
        }
        None => Answer { status: 400, ..text("MetadataToken", "") },
    }
}

fn text(operation: &'static str, body: &str) -> Answer {
    Answer::of(operation, "text/plain", body.as_bytes().to_vec())
}
