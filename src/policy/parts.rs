//! A policy taken apart: each constraint and each value with its place, for people and programs to read.

use std::fmt::Display;

use serde::Serialize;

use super::document::{
    ApiKeyRule, AppliesTo, Audit, AutomaticRule, Document, IamCredentialsRule, ManagedSettings,
    Methods, NamedProfileRule, Network, SsoRule, Validity,
};
use crate::jsonc::Located;
use crate::provenance::Place;
use crate::settings::ManagedValues;

/// One constraint or value of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// The key, with the keys above it: `methods.sso.start_urls`.
    pub key: String,
    /// The value in words.
    pub value: String,
    /// Where it stands.
    #[serde(flatten)]
    pub at: Place,
}

/// Collects parts below one key.
struct Parts<'a> {
    above: String,
    parts: &'a mut Vec<Part>,
}

impl Document {
    /// Every constraint and every value, in the order of the format.
    pub fn parts(&self) -> Vec<Part> {
        // Taken apart in full, so that a new key must decide how it shows.
        let Document {
            schema_version: _,
            id: _,
            revision: _,
            description: _,
            contact: _,
            enforcement,
            valid,
            applies_to,
            methods,
            regions,
            endpoints,
            network,
            environment_families,
            settings,
            audit,
        } = self;
        let mut list = Vec::new();
        let mut parts = Parts { above: String::new(), parts: &mut list };
        parts.one("enforcement", enforcement);
        if let Some(valid) = valid {
            let Validity { not_before, expires } = &valid.value;
            let mut parts = parts.below("valid");
            parts.shown("not_before", not_before, |instant| instant.0.to_string());
            parts.shown("expires", expires, |instant| instant.0.to_string());
        }
        if let Some(who) = applies_to {
            parts.applies_to(who);
        }
        match methods {
            Some(methods) => parts.methods(methods),
            None => {
                parts.add("methods", "all of them, because none is listed".to_owned(), &self.id.at)
            }
        }
        parts.list("regions", regions, |pattern| pattern.as_str());
        match endpoints {
            Some(_) => parts.list("endpoints", endpoints, |pattern| pattern.as_str()),
            None => {
                let text = "AWS's own over https, because none is listed";
                parts.add("endpoints", text.to_owned(), &self.id.at);
            }
        }
        if let Some(Network { ca_bundle, proxy }) = network {
            let mut parts = parts.below("network");
            parts.one("ca_bundle", ca_bundle);
            parts.one("proxy", proxy);
        }
        parts.list("environment_families", environment_families, |family| family.as_str());
        if let Some(ManagedSettings { locked, recommended }) = settings {
            parts.below("settings.locked").values(locked);
            parts.below("settings.recommended").values(recommended);
        }
        if let Some(Audit { required }) = audit {
            parts.below("audit").one("required", required);
        }
        list
    }
}

impl Parts<'_> {
    fn below(&mut self, key: &str) -> Parts<'_> {
        Parts { above: format!("{}{key}.", self.above), parts: self.parts }
    }

    fn add(&mut self, key: &str, value: String, at: &Place) {
        self.parts.push(Part { key: format!("{}{key}", self.above), value, at: at.clone() });
    }

    fn one<T: Display>(&mut self, key: &str, value: &Option<Located<T>>) {
        self.shown(key, value, ToString::to_string);
    }

    fn shown<T>(&mut self, key: &str, value: &Option<Located<T>>, show: impl Fn(&T) -> String) {
        if let Some(value) = value {
            self.add(key, show(&value.value), &value.at);
        }
    }

    fn list<T>(&mut self, key: &str, value: &Option<Located<Vec<T>>>, show: impl Fn(&T) -> &str) {
        self.shown(key, value, |items| in_words(items.iter().map(&show)));
    }

    fn texts<T: Display>(&mut self, key: &str, value: &Option<Located<Vec<T>>>) {
        self.shown(key, value, |items| {
            let texts: Vec<_> = items.iter().map(ToString::to_string).collect();
            in_words(texts.iter().map(String::as_str))
        });
    }

    fn applies_to(&mut self, who: &Located<AppliesTo>) {
        let AppliesTo { users, groups, hosts } = &who.value;
        let mut parts = self.below("applies_to");
        if let Some(users) = users {
            parts.add("users", in_words(users.iter().map(|p| p.as_str())), &who.at);
        }
        if let Some(groups) = groups {
            parts.add("groups", in_words(groups.iter().map(|p| p.as_str())), &who.at);
        }
        if let Some(hosts) = hosts {
            parts.add("hosts", in_words(hosts.iter().map(|p| p.as_str())), &who.at);
        }
    }

    fn methods(&mut self, methods: &Located<Methods>) {
        let Methods { automatic, named_profile, sso, iam_credentials, api_key } = &methods.value;
        let mut parts = self.below("methods");
        let listed = [
            ("automatic", automatic.is_some()),
            ("named_profile", named_profile.is_some()),
            ("sso", sso.is_some()),
            ("iam_credentials", iam_credentials.is_some()),
            ("api_key", api_key.is_some()),
        ];
        if !listed.iter().any(|(_, is_listed)| *is_listed) {
            parts.parts.push(Part {
                key: "methods".to_owned(),
                value: "none".to_owned(),
                at: methods.at.clone(),
            });
        }
        if let Some(rule) = parts.rule("automatic", automatic) {
            let AutomaticRule { roots, role_arns, commands, accounts, accounts_known } = rule;
            let mut parts = parts.below("automatic");
            parts.texts("roots", roots);
            parts.texts("role_arns", role_arns);
            parts.texts("commands", commands);
            parts.texts("accounts", accounts);
            parts.one("accounts_known", accounts_known);
        }
        if let Some(rule) = parts.rule("named_profile", named_profile) {
            let NamedProfileRule { profiles, roots, role_arns, commands, accounts, accounts_known } =
                rule;
            let mut parts = parts.below("named_profile");
            parts.texts("profiles", profiles);
            parts.texts("roots", roots);
            parts.texts("role_arns", role_arns);
            parts.texts("commands", commands);
            parts.texts("accounts", accounts);
            parts.one("accounts_known", accounts_known);
        }
        if let Some(rule) = parts.rule("sso", sso) {
            let SsoRule { profiles, start_urls, accounts, roles, role_arns } = rule;
            let mut parts = parts.below("sso");
            parts.texts("profiles", profiles);
            parts.list("start_urls", start_urls, |pattern| pattern.as_str());
            parts.texts("accounts", accounts);
            parts.texts("roles", roles);
            parts.texts("role_arns", role_arns);
        }
        if let Some(rule) = parts.rule("iam_credentials", iam_credentials) {
            let IamCredentialsRule { layers, temporary_only, accounts } = rule;
            let mut parts = parts.below("iam_credentials");
            parts.texts("layers", layers);
            parts.one("temporary_only", temporary_only);
            parts.texts("accounts", accounts);
        }
        if let Some(rule) = parts.rule("api_key", api_key) {
            let ApiKeyRule { layers, kinds, max_lifetime, temporary_only, accounts } = rule;
            let mut parts = parts.below("api_key");
            parts.texts("layers", layers);
            parts.texts("kinds", kinds);
            parts.one("max_lifetime", max_lifetime);
            parts.one("temporary_only", temporary_only);
            parts.texts("accounts", accounts);
        }
    }

    /// A rule shows even where it has no limits.
    fn rule<'r, T>(&mut self, key: &str, rule: &'r Option<Located<T>>) -> Option<&'r T> {
        let rule = rule.as_ref()?;
        self.add(key, "allowed".to_owned(), &rule.at);
        Some(&rule.value)
    }

    fn values(&mut self, values: &Option<ManagedValues>) {
        let Some(values) = values else { return };
        let ManagedValues { authentication_method, profile, region, endpoint_url } = values;
        self.one("authentication_method", authentication_method);
        self.one("profile", profile);
        self.one("region", region);
        self.one("endpoint_url", endpoint_url);
    }
}

fn in_words<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { "none".to_owned() } else { items.join(", ") }
}
