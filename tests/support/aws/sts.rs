//! Security Token Service: the query protocol.

use super::handed::Handed;
use super::request::{Authentication, Request};
use super::server::{Answer, Protocol};

/// Hands out the same credentials for whatever role.
pub(crate) struct Sts {
    pub(crate) hands_out: Handed,
}

impl Protocol for Sts {
    fn answer(&self, request: &Request) -> Option<Answer> {
        if request.method != "POST" || request.path() != "/" {
            return None;
        }
        match request.form("Action")?.as_str() {
            "AssumeRole" => Some(self.assumed("AssumeRole", request)),
            "AssumeRoleWithWebIdentity" => Some(self.assumed("AssumeRoleWithWebIdentity", request)),
            "GetCallerIdentity" => Some(self.caller(request)),
            _ => None,
        }
    }
}

impl Sts {
    fn assumed(&self, action: &'static str, request: &Request) -> Answer {
        let handed = &self.hands_out;
        let credentials = [
            ("AccessKeyId", Some(handed.access_key_id.clone())),
            ("SecretAccessKey", handed.secret_access_key.clone()),
            ("SessionToken", handed.session_token.clone()),
            ("Expiration", handed.expiration_text()),
        ];
        let session = request.form("RoleSessionName").unwrap_or_default();
        let arn = self.session_arn(&request.form("RoleArn").unwrap_or_default(), &session);
        let user = format!(
            "<AssumedRoleUser><Arn>{arn}</Arn>\
             <AssumedRoleId>AROA0000000000000000:{session}</AssumedRoleId></AssumedRoleUser>"
        );
        let credentials: String = credentials
            .into_iter()
            .filter_map(|(name, value)| Some(format!("<{name}>{}</{name}>", value?)))
            .collect();
        answer(action, &format!("<Credentials>{credentials}</Credentials>{user}"))
    }

    /// The ARN of the session, in the account that the credentials are said to be of.
    fn session_arn(&self, role_arn: &str, session: &str) -> String {
        let parts: Vec<_> = role_arn.splitn(6, ':').collect();
        let asked = parts.get(4).copied().unwrap_or_default();
        let account = self.hands_out.account.as_deref().unwrap_or(asked);
        let role = parts.get(5).and_then(|resource| resource.rsplit('/').next());
        format!("arn:aws:sts::{account}:assumed-role/{}/{session}", role.unwrap_or_default())
    }

    /// Whoever asks is told to be who the credentials are of.
    fn caller(&self, request: &Request) -> Answer {
        let Authentication::Signature { access_key_id, .. } = request.authentication() else {
            return refused("GetCallerIdentity", "MissingAuthenticationToken");
        };
        let account = self.hands_out.account.as_deref().unwrap_or_default();
        let result = format!(
            "<Arn>arn:aws:sts::{account}:assumed-role/Local/{access_key_id}</Arn>\
             <UserId>AROA0000000000000000:{access_key_id}</UserId><Account>{account}</Account>"
        );
        answer("GetCallerIdentity", &result)
    }
}

fn answer(action: &'static str, result: &str) -> Answer {
    let body = format!(
        "<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>local</RequestId></ResponseMetadata></{action}Response>"
    );
    Answer::of(action, "text/xml", body.into_bytes())
}

fn refused(action: &'static str, code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>the local server says so</Message></Error></ErrorResponse>"
    );
    Answer { status: 403, ..Answer::of(action, "text/xml", body.into_bytes()) }
}
