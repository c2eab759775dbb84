//! The files in which AWS's command line keeps sign-ins, found and read as the SDK does it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jsonc_parser::{JsonObject, JsonValue, ParseOptions, parse_to_value};
use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256};

use super::ambient::LOGIN_CACHE_DIRECTORY;
use super::files::home;
use crate::signer::{Renewal, SignIn, StepKind};

/// What a sign-in is filed under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignInName {
    /// The name of an `[sso-session]`, or the start URL where a profile names none.
    Portal(String),
    /// The ARN of a session of `aws login`.
    Login(String),
}

impl SignInName {
    /// The sign-in that a step needs.
    pub(super) fn of_step(step: &StepKind) -> Option<Self> {
        match step {
            StepKind::Sso { start_url, session, .. } => {
                Some(SignInName::Portal(session.as_ref().unwrap_or(start_url).clone()))
            }
            StepKind::Login { login_session, .. } => Some(SignInName::Login(login_session.clone())),
            _ => None,
        }
    }

    /// The name itself.
    pub fn as_str(&self) -> &str {
        match self {
            SignInName::Portal(name) | SignInName::Login(name) => name,
        }
    }

    /// The file under this environment; none where no home directory is known.
    pub fn file(&self, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
        let stem = match self {
            SignInName::Portal(name) => HEXLOWER.encode(&Sha1::digest(name)),
            SignInName::Login(name) => HEXLOWER.encode(&Sha256::digest(name.trim())),
        };
        let folder = match self {
            SignInName::Portal(_) => portal_cache(environment),
            SignInName::Login(_) => login_cache(environment),
        };
        Some(folder?.join(stem).with_extension("json"))
    }

    /// What the bytes of the file amount to.
    pub fn read(&self, bytes: &[u8]) -> SignIn {
        let read = match self {
            SignInName::Portal(_) => of_portal(bytes),
            SignInName::Login(_) => of_login(bytes),
        };
        read.unwrap_or_else(|why| SignIn::Unreadable(why.to_owned()))
    }
}

/// Where the sign-ins to IAM Identity Center are kept.
pub fn portal_cache(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    Some(home(environment)?.join(".aws/sso/cache"))
}

/// Where the sign-ins of `aws login` are kept.
pub fn login_cache(environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    match environment.get(LOGIN_CACHE_DIRECTORY) {
        Some(named) => Some(Path::new(named).to_owned()),
        None => Some(home(environment)?.join(".aws/login/cache")),
    }
}

fn of_portal(bytes: &[u8]) -> Result<SignIn, &'static str> {
    let file = Members::of_file(bytes)?;
    file.text("accessToken").ok_or("it holds no `accessToken`")?;
    let expires = file.instant("expiresAt")?.ok_or("it holds no `expiresAt`")?;
    let registration = file.instant("registrationExpiresAt")?;
    let can_ask = ["refreshToken", "clientId", "clientSecret"];
    let can_ask = can_ask.into_iter().all(|key| file.text(key).is_some());
    let renewal = registration.filter(|_| can_ask).map_or(Renewal::Never, Renewal::Until);
    Ok(SignIn::Until { expires, renewal })
}

fn of_login(bytes: &[u8]) -> Result<SignIn, &'static str> {
    let file = Members::of_file(bytes)?;
    let token = file.object("accessToken").ok_or("it holds no `accessToken`")?;
    let expires = token.instant("expiresAt")?.ok_or("it holds no `expiresAt`")?;
    file.text("refreshToken").ok_or("it holds no `refreshToken`")?;
    Ok(SignIn::Until { expires, renewal: Renewal::WhileTheSessionLasts })
}

/// The members of an object, whose names the SDK takes without regard to case. They borrow the file's text.
struct Members<'a>(Vec<(String, JsonValue<'a>)>);

impl<'a> Members<'a> {
    fn of_file(bytes: &'a [u8]) -> Result<Self, &'static str> {
        const NO_JSON: &str = "it is not JSON";
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
        let strict = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        // The parser's own words could quote a token.
        match parse_to_value(text, &strict).map_err(|_| NO_JSON)? {
            Some(JsonValue::Object(object)) => Ok(Members::of(object)),
            _ => Err(NO_JSON),
        }
    }

    fn of(object: JsonObject<'a>) -> Self {
        let members = object.into_iter();
        Members(members.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect())
    }

    fn get(&self, key: &str) -> impl Iterator<Item = &JsonValue<'a>> {
        let key = key.to_ascii_lowercase();
        self.0.iter().rev().filter(move |(name, _)| *name == key).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.get(key).find_map(|value| match value {
            JsonValue::String(text) => Some(text.as_ref()),
            _ => None,
        })
    }

    fn object(&self, key: &str) -> Option<Members<'a>> {
        self.get(key).find_map(|value| match value {
            JsonValue::Object(object) => Some(Members::of(object.clone())),
            _ => None,
        })
    }

    /// The SDK takes an instant in UTC alone.
    fn instant(&self, key: &str) -> Result<Option<Timestamp>, &'static str> {
        const NO_INSTANT: &str = "an instant in it is none of RFC 3339 that ends in `Z`";
        let Some(text) = self.text(key) else { return Ok(None) };
        let instant = text.parse().ok().filter(|_| text.ends_with('Z'));
        instant.map(Some).ok_or(NO_INSTANT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portal(name: &str) -> SignInName {
        SignInName::Portal(name.to_owned())
    }

    /// The digests are those of `sha1sum`.
    #[cfg(unix)]
    #[test]
    fn files_as_the_sdk_names_them() {
        let home = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
        let file = |name: &SignInName| name.file(&home).unwrap().to_string_lossy().into_owned();
        assert_eq!(
            file(&portal("https://d-92671207e4.awsapps.com/start")),
            "/home/me/.aws/sso/cache/13f9d35043871d073ab260e020f0ffde092cb14b.json"
        );
        assert_eq!(
            file(&portal("my-sso")),
            "/home/me/.aws/sso/cache/0ad374308c5a4e22f723adf10145eafad7c4031c.json"
        );
        let login = SignInName::Login(" arn:aws:sts::1:assumed-role/a/b ".to_owned());
        let trimmed = SignInName::Login("arn:aws:sts::1:assumed-role/a/b".to_owned());
        assert_eq!(file(&login), file(&trimmed));
        assert!(file(&login).starts_with("/home/me/.aws/login/cache/"));
        let moved = BTreeMap::from([(LOGIN_CACHE_DIRECTORY.to_owned(), "/cache".to_owned())]);
        assert_eq!(login.file(&moved).unwrap().parent(), Some(Path::new("/cache")));
        assert_eq!(portal("a").file(&moved), None);
    }

    fn until(expires: &str, renewal: Renewal) -> SignIn {
        SignIn::Until { expires: expires.parse().unwrap(), renewal }
    }

    #[test]
    fn what_is_taken_of_a_portals_file() {
        let registration = "2026-03-01T00:00:00Z";
        let renewable = Renewal::Until(registration.parse().unwrap());
        let token = r#""accessToken": "hush", "expiresAt": "2026-01-01T08:00:00Z""#;
        let client = r#""clientId": "c", "clientSecret": "hush""#;
        let ends = r#""registrationExpiresAt": "2026-03-01T00:00:00Z""#;
        for (text, renewal) in [
            (format!("{{{token}}}"), Renewal::Never),
            (format!("{{{token}, {client}, {ends}}}"), Renewal::Never),
            (format!("{{{token}, {client}, \"refreshToken\": \"hush\"}}"), Renewal::Never),
            (format!("{{{token}, {ends}, \"refreshToken\": \"hush\"}}"), Renewal::Never),
            (format!("{{{token}, {client}, {ends}, \"refreshToken\": null}}"), Renewal::Never),
            (format!("{{{token}, {client}, {ends}, \"REFRESHtoken\": \"hush\"}}"), renewable),
        ] {
            let read = portal("a").read(text.as_bytes());
            assert_eq!(read, until("2026-01-01T08:00:00Z", renewal), "{text}");
        }
    }

    #[test]
    fn what_is_taken_of_a_logins_file() {
        let login = SignInName::Login("a".to_owned());
        let text = r#"{ "accessToken": { "accessKeyId": "ASIA", "secretAccessKey": "hush",
            "expiresAt": "2026-01-01T08:00:00Z" }, "refreshToken": "hush" }"#;
        let expected = until("2026-01-01T08:00:00Z", Renewal::WhileTheSessionLasts);
        assert_eq!(login.read(text.as_bytes()), expected);
        let without = text.replace("refreshToken", "x");
        let unreadable = SignIn::Unreadable("it holds no `refreshToken`".to_owned());
        assert_eq!(login.read(without.as_bytes()), unreadable);
    }

    #[test]
    fn files_that_the_sdk_refuses_tell_nothing_of_what_they_hold() {
        for (bytes, why) in [
            (&b"hush"[..], "it is not JSON"),
            (b"", "it is not JSON"),
            (b"[\"hush\"]", "it is not JSON"),
            (b"{ \"accessToken\": \"hush\", }", "it is not JSON"),
            (b"\xFF", "it is not UTF-8 text"),
            (b"{ \"expiresAt\": \"2026-01-01T08:00:00Z\" }", "it holds no `accessToken`"),
            (b"{ \"accessToken\": \"hush\" }", "it holds no `expiresAt`"),
            (
                b"{ \"accessToken\": \"hush\", \"expiresAt\": \"2020-06-01T00:00:00UTC\" }",
                "an instant in it is none of RFC 3339 that ends in `Z`",
            ),
            (
                b"{ \"accessToken\": \"hush\", \"expiresAt\": \"2026-01-01T08:00:00+01:00\" }",
                "an instant in it is none of RFC 3339 that ends in `Z`",
            ),
        ] {
            assert_eq!(portal("a").read(bytes), SignIn::Unreadable(why.to_owned()));
        }
    }
}
