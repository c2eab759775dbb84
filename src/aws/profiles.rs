//! Profiles and SSO sessions as AWS's parser reads them, every key with its place.

use std::collections::BTreeMap;

use aws_runtime::env_config::property::PropertiesKey;
use aws_runtime::env_config::section::EnvConfigSections;
use secrecy::{ExposeSecret, SecretString};

use super::files::{FileKind, FileText};
use super::keys::{
    ACCESS_KEY_ID, ENDPOINT_URL, LOGIN_SESSION, SECRET_ACCESS_KEY, SECRET_KEYS, SERVICE_KEYS,
    SERVICES, SESSION_KEYS, SESSION_TOKEN, SETTING_KEYS, SIGNER_KEYS, SSO_SESSION, SSO_START_URL,
};
use super::locate::{Located, LocatedKey, SectionKind};
use super::parser::parse_texts;
use super::sign_ins::SignInName;
use crate::credentials::StaticCredentials;
use crate::provenance::Place;
use crate::signer::SignerFault;

/// Why a key is refused whose value is a matter of chance.
pub(super) const CONTESTED: &str = "two differently written headers of the same section give it different values, \
                                    and the AWS SDK takes one of them by chance";

/// The profiles of both files as AWS's parser merges them, with the place of each key and without secrets.
pub(super) struct Profiles {
    profiles: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, BTreeMap<&'static str, Entry>>,
}

/// A profile or an `[sso-session]`.
pub(super) struct Section {
    pub(super) name: String,
    /// Its first header.
    pub(super) at: Option<Place>,
    entries: BTreeMap<&'static str, Entry>,
    settings: BTreeMap<&'static str, Entry>,
}

/// One key of a section.
pub(super) struct Entry {
    pub(super) key: &'static str,
    /// Empty for the keys that hold secrets.
    pub(super) value: String,
    /// The value of those.
    pub(super) secret: Option<SecretString>,
    pub(super) is_empty: bool,
    /// Where the definition that won stands, if that is certain; of contested ones the last.
    pub(super) at: Option<Place>,
    /// Which of two definitions wins is chance.
    pub(super) is_contested: bool,
    /// The definition in the config file that the credentials file overrides.
    pub(super) overridden: Option<Place>,
}

impl Profiles {
    /// Parses and merges the files as the SDK does: keys of the credentials file win.
    ///
    /// # Errors
    /// When the SDK's parser refuses one of the files. The SDK then refuses every profile.
    pub(super) fn parse(files: &[(FileKind, &FileText)]) -> Result<Self, SignerFault> {
        let texts: Vec<_> = files
            .iter()
            .filter_map(|(kind, file)| Some((*kind, *file, file.text()?.expose_secret())))
            .collect();
        for &(kind, file, text) in &texts {
            parse_texts(&[(kind, text)]).map_err(|error| error.in_file(file))?;
        }
        let contents: Vec<_> = texts.iter().map(|&(kind, _, text)| (kind, text)).collect();
        let sections = parse_texts(&contents).map_err(|error| error.without_place())?;
        let located: Vec<_> =
            texts.iter().map(|&(kind, file, text)| (file, Located::in_text(text, kind))).collect();
        Ok(Profiles::from_sections(&sections, &Places(located)))
    }

    fn from_sections(sections: &EnvConfigSections, places: &Places<'_>) -> Self {
        let profiles = sections.profiles().filter_map(|name| {
            let profile = sections.get_profile(name)?;
            let entries =
                |keys| places.entries(SectionKind::Profile, name, keys, |key| profile.get(key));
            let section = Section {
                settings: entries(&SETTING_KEYS),
                ..places.section(SectionKind::Profile, name, entries(&SIGNER_KEYS))
            };
            Some((name.to_owned(), section))
        });
        let profiles: BTreeMap<_, _> = profiles.collect();
        let services = profiles.values().filter_map(|profile: &Section| {
            let name = &profile.setting(SERVICES)?.value;
            Some((name.clone(), places.services(name, sections)))
        });
        let services = services.collect();
        let sso_sessions = sections.sso_sessions().filter_map(|name| {
            let session = sections.sso_session(name)?;
            let entries = places
                .entries(SectionKind::SsoSession, name, &SESSION_KEYS, |key| session.get(key));
            Some((name.to_owned(), places.section(SectionKind::SsoSession, name, entries)))
        });
        Profiles { services, profiles, sso_sessions: sso_sessions.collect() }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// The sign-ins that profiles could need.
    pub(super) fn sign_ins(&self) -> impl Iterator<Item = SignInName> {
        self.profiles.values().flat_map(|profile| {
            let portal = profile.value(SSO_SESSION).or_else(|| profile.value(SSO_START_URL));
            let portal = portal.map(|name| SignInName::Portal(name.to_owned()));
            let login = profile.value(LOGIN_SESSION).map(str::to_owned).map(SignInName::Login);
            portal.into_iter().chain(login)
        })
    }

    pub(super) fn profile(&self, name: &str) -> Option<&Section> {
        self.profiles.get(name)
    }

    pub(super) fn sso_session(&self, name: &str) -> Option<&Section> {
        self.sso_sessions.get(name)
    }

    /// The `endpoint_url` of a service in the `[services]` section of this name.
    pub(super) fn service_endpoint(&self, section: &str, service: &str) -> Option<&Entry> {
        self.services.get(section)?.get(service)
    }

    /// The profile whose name is nearest to one that does not exist.
    pub(super) fn similar_to(&self, name: &str) -> Option<&str> {
        const LONGEST: usize = 64;
        let wanted = name.to_lowercase();
        let length = wanted.chars().count();
        let farthest = (length / 3).min(2);
        self.profiles
            .keys()
            .filter(|known| known.len() <= LONGEST && length <= LONGEST)
            .map(|known| (strsim::levenshtein(&wanted, &known.to_lowercase()), known))
            .filter(|(distance, _)| *distance <= farthest)
            .min()
            .map(|(_, known)| known.as_str())
    }
}

impl Section {
    /// The key's entry. An empty value counts: the SDK takes it as one.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value of a key that holds no secret.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.get(key).map(|entry| entry.value.as_str())
    }

    /// The access key, with the session token if there is one that is not empty.
    pub(super) fn whole_access_key(&self) -> Option<StaticCredentials> {
        let secret = |key| self.get(key).filter(|entry| !entry.is_empty)?.secret.clone();
        let id = self.value(ACCESS_KEY_ID)?;
        Some(StaticCredentials::access_key(id, secret(SECRET_ACCESS_KEY)?, secret(SESSION_TOKEN)))
    }

    /// A key that says how services are called, if it is there and not empty.
    pub(super) fn setting(&self, key: &str) -> Option<&Entry> {
        self.settings.get(key).filter(|entry| !entry.is_empty)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

/// Where the definitions of the files stand, in the order in which the files are merged.
struct Places<'a>(Vec<(&'a FileText, Located<'a>)>);

impl Places<'_> {
    fn section(
        &self,
        kind: SectionKind,
        name: &str,
        entries: BTreeMap<&'static str, Entry>,
    ) -> Section {
        let at = self
            .0
            .iter()
            .find_map(|(file, located)| Some(file.at_line(located.section(kind, name)?.header)));
        Section { name: name.to_owned(), at, entries, settings: BTreeMap::new() }
    }

    fn services(&self, name: &str, sections: &EnvConfigSections) -> BTreeMap<&'static str, Entry> {
        let entry = |key: &'static str| {
            let property = PropertiesKey::builder()
                .section_key(SERVICES)
                .section_name(name)
                .property_name(key)
                .sub_property_name(ENDPOINT_URL);
            let value = sections.other_sections().get(&property.build().ok()?)?;
            Some((key, self.service_entry(name, key, value)))
        };
        SERVICE_KEYS.into_iter().filter_map(entry).collect()
    }

    fn service_entry(&self, name: &str, key: &'static str, value: &str) -> Entry {
        let found = self.0.iter().find_map(|(file, located)| {
            Some((*file, located.section(SectionKind::Services, name)?.key(key)?))
        });
        Entry {
            key: ENDPOINT_URL,
            value: value.to_owned(),
            secret: None,
            is_empty: value.is_empty(),
            at: found.and_then(|(file, key)| Some(file.at_line(key.line_of_nested(ENDPOINT_URL)?))),
            is_contested: found.is_some_and(|(_, key)| key.is_contested),
            overridden: None,
        }
    }

    fn entries<'v>(
        &self,
        kind: SectionKind,
        name: &str,
        keys: &[&'static str],
        value: impl Fn(&str) -> Option<&'v str>,
    ) -> BTreeMap<&'static str, Entry> {
        let entry = |&key| Some((key, self.entry(kind, name, key, value(key)?)));
        keys.iter().filter_map(entry).collect()
    }

    /// A definition is the one that won only if it gives the very value that AWS's parser reports.
    fn entry(&self, kind: SectionKind, name: &str, key: &'static str, value: &str) -> Entry {
        let mut definitions =
            self.0.iter().rev().filter_map(|(file, located)| {
                Some((*file, located.section(kind, name)?.key(key)?))
            });
        let winner = definitions.next();
        let overridden = definitions.next().filter(|(_, lost)| lost.value != value);
        let place = |(file, found): (&FileText, &LocatedKey<'_>)| file.at_line(found.line);
        let is_secret = SECRET_KEYS.contains(&key);
        Entry {
            key,
            value: if is_secret { String::new() } else { value.to_owned() },
            secret: is_secret.then(|| SecretString::from(value)),
            is_empty: value.is_empty(),
            is_contested: winner.is_some_and(|(_, found)| found.is_contested),
            at: winner.filter(|(_, found)| found.value == value || found.is_contested).map(place),
            overridden: overridden.map(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::keys::{CREDENTIAL_PROCESS, ROLE_ARN};

    fn parsed(config: &str, credentials: &str) -> Result<Profiles, SignerFault> {
        let file = |name, text: &str| FileText::new(name, text.into());
        let (config, credentials) = (file("config", config), file("credentials", credentials));
        Profiles::parse(&[(FileKind::Config, &config), (FileKind::Credentials, &credentials)])
    }

    /// The command of the profile `a` and where it stands.
    fn command(config: &str, credentials: &str) -> (String, String) {
        let profiles = parsed(config, credentials).unwrap();
        let entry = profiles.profile("a").unwrap().get(CREDENTIAL_PROCESS).unwrap();
        let at = entry.at.as_ref().map(Place::to_string).unwrap_or_default();
        (entry.value.clone(), at)
    }

    #[test]
    fn the_definition_that_won() {
        for (config, credentials, value, at) in [
            ("[profile a]\ncredential_process=x", "", "x", "config:2:1"),
            (
                "\t \n# c\n; c\n[ profile\ta ] # c\nCredential_Process = x # c",
                "",
                "x",
                "config:5:1",
            ),
            ("[profile a]\ncredential_process=x;y", "", "x;y", "config:2:1"),
            ("[profile a];c\ncredential_process=x ;y", "", "x", "config:2:1"),
            ("[profile a]\r\ncredential_process=x\r\n", "", "x", "config:2:1"),
            // The last one of a file wins, be it under a repeated header.
            ("[profile a]\ncredential_process=x\ncredential_process=y", "", "y", "config:3:1"),
            (
                "[profile a]\ncredential_process=x\n[profile b]\n[profile a]\ncredential_process=y",
                "",
                "y",
                "config:5:1",
            ),
            // The credentials file wins over the config file.
            (
                "[profile a]\ncredential_process=x",
                "[a]\ncredential_process=y",
                "y",
                "credentials:2:1",
            ),
            ("[profile a]\ncredential_process=x", "[a]\nregion=y", "x", "config:2:1"),
            (
                "[profile a]\ncredential_process=x",
                "[profile a]\ncredential_process=y",
                "x",
                "config:2:1",
            ),
            ("[a]\ncredential_process=x", "[ a ]\ncredential_process=y", "y", "credentials:2:1"),
            // Indented lines go on with the value, comments and all.
            ("[profile a]\ncredential_process=x\n  y # z", "", "x\ny # z", "config:2:1"),
            (
                "[profile a]\ns3 =\n  credential_process = no\ncredential_process=x",
                "",
                "x",
                "config:4:1",
            ),
        ] {
            assert_eq!(
                command(config, credentials),
                (value.to_owned(), at.to_owned()),
                "{config}\n--\n{credentials}"
            );
        }
    }

    #[test]
    fn prefixed_default_replaces_the_bare_one() {
        let config =
            "[default]\ncredential_process=x\nrole_arn=r\n[profile default]\ncredential_process=y";
        let profiles = parsed(config, "").unwrap();
        let default = profiles.profile("default").unwrap();
        assert!(!default.has(ROLE_ARN));
        let entry = default.get(CREDENTIAL_PROCESS).unwrap();
        assert_eq!(entry.at.as_ref().unwrap().to_string(), "config:5:1");
        assert_eq!(default.at.as_ref().unwrap().to_string(), "config:4:1");
    }

    #[test]
    fn what_the_credentials_file_overrides() {
        let profiles =
            parsed("[profile a]\naws_session_token=x", "[a]\naws_session_token=y").unwrap();
        let entry = profiles.profile("a").unwrap().get(SESSION_TOKEN).unwrap();
        assert_eq!(entry.overridden.as_ref().unwrap().to_string(), "config:2:1");
        assert!(entry.value.is_empty(), "the value of a secret is not kept");
    }

    #[test]
    fn refusals_tell_the_line_and_nothing_of_it() {
        for (config, credentials, expected) in [
            ("hush", "", "config:1:1: a line stands before the first section header"),
            ("\u{feff}[default]", "", "config:1:1: a line stands before the first section header"),
            ("", "[a]\n hush", "credentials:2:1: an indented line follows a section header"),
            ("", "[a] hush", "credentials:1:1: a section header has no closing `]`"),
            ("[profile a]\n\n=hush", "", "config:3:1: a line has nothing before its `=`"),
            ("[profile a]\nhush", "hush", "config:2:1: a line has no `=`"),
            ("[profile a]\ns3=\n hush", "", "config:3:1: a line has no `=`"),
        ] {
            let fault = parsed(config, credentials).err().unwrap();
            let message = fault.to_string();
            let reason = message.strip_prefix("the AWS SDK refuses the profile file: ").unwrap();
            assert_eq!(format!("{}: {reason}", fault.at.unwrap()), expected);
        }
    }
}
