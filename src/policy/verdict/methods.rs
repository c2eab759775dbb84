//! The rule of the method that a candidate uses.

use super::accounts::is_told_later;
use super::{AllowList, Candidate, Judge};
use crate::auth::{Method, Root};
use crate::jsonc::Located;
use crate::policy::denial::DenialCode;
use crate::policy::document::{AutomaticRule, Methods, NamedProfileRule, SsoRule};
use crate::policy::endpoint::StartUrlPattern;
use crate::policy::pattern::NamePattern;
use crate::prose::{listed, quoted};
use crate::provenance::Place;
use crate::signer::Portal;

impl Judge<'_> {
    pub(super) fn judge_candidate(&mut self, candidate: &Candidate<'_>) {
        let document = self.document;
        let rule_at = match (document.rule_of(candidate.method), &document.methods) {
            (Some(at), _) => at,
            (None, Some(methods)) => return self.method_not_listed(methods, candidate.method),
            (None, None) => &document.id.at,
        };
        if candidate.method == Method::Sso {
            self.sso_means_sso(rule_at, candidate);
        }
        if let Some(signer) = candidate.signer {
            self.service_endpoints(signer);
        }
        let Some(methods) = &document.methods else { return };
        match candidate.method {
            Method::Automatic => self.automatic(&methods.automatic, candidate),
            Method::NamedProfile => self.named_profile(&methods.named_profile, candidate),
            Method::Sso => self.sso(&methods.sso, candidate),
            Method::IamCredentials => self.iam_credentials(&methods.iam_credentials, candidate),
            Method::ApiKey => self.api_key(&methods.api_key, candidate),
        }
    }

    fn method_not_listed(&mut self, methods: &Located<Methods>, method: Method) {
        let allowed: Vec<_> = Method::ALL
            .iter()
            .filter(|m| methods.place_of(**m).is_some())
            .map(|m| m.as_str())
            .collect();
        let remedy = match allowed.as_slice() {
            [] => "the policy allows no method at all; ask whoever manages this machine".to_owned(),
            _ => format!("use {} instead", listed(&allowed)),
        };
        let message = format!("the policy does not allow the method `{method}`");
        self.object(DenialCode::MethodNotAllowed, &methods.at, message, remedy);
    }

    fn sso_means_sso(&mut self, rule_at: &Place, candidate: &Candidate<'_>) {
        let Some(signer) = candidate.signer.filter(|signer| signer.root != Some(Root::Sso)) else {
            return;
        };
        let really = signer.root.map_or("an unknown source", Root::as_str);
        let message = format!(
            "the profile {} is used as `sso`, but its credentials come from `{really}`",
            quoted(candidate.profile.unwrap_or_default()),
        );
        let remedy = "use a profile with `sso_session` or `sso_start_url`, without other sources of credentials";
        self.object(DenialCode::SsoProfileNotSso, rule_at, message, remedy.to_owned());
    }

    fn automatic(&mut self, rule: &Option<Located<AutomaticRule>>, candidate: &Candidate<'_>) {
        let Some(rule) = rule else { return };
        let AutomaticRule { roots, role_arns, commands, accounts, accounts_known } = &rule.value;
        self.roots(roots, candidate);
        self.roles_on_the_way(role_arns, candidate);
        self.commands(commands, candidate);
        if !is_told_later(accounts_known, candidate) {
            self.accounts(accounts, candidate);
        }
    }

    fn named_profile(
        &mut self,
        rule: &Option<Located<NamedProfileRule>>,
        candidate: &Candidate<'_>,
    ) {
        let Some(rule) = rule else { return };
        let NamedProfileRule { profiles, roots, role_arns, commands, accounts, accounts_known } =
            &rule.value;
        let name = candidate.profile.unwrap_or_default();
        self.name(DenialCode::ProfileNotAllowed, "profile", profiles, name);
        self.roots(roots, candidate);
        self.role_arns(role_arns, candidate);
        self.commands(commands, candidate);
        if !is_told_later(accounts_known, candidate) {
            self.accounts(accounts, candidate);
        }
    }

    fn sso(&mut self, rule: &Option<Located<SsoRule>>, candidate: &Candidate<'_>) {
        let Some(rule) = rule else { return };
        let SsoRule { profiles, start_urls, accounts, roles, role_arns } = &rule.value;
        let name = candidate.profile.unwrap_or_default();
        self.name(DenialCode::ProfileNotAllowed, "profile", profiles, name);
        let Some(signer) = candidate.signer else { return };
        // An SSO root without its portal matches no portal.
        let unknown = (signer.root == Some(Root::Sso)).then(Portal::default);
        if let Some(portal) = signer.portal().or(unknown) {
            self.start_url(start_urls, portal.start_url);
            let role = portal.role_name.unwrap_or_default();
            self.name(DenialCode::RoleNotAllowed, "permission set", roles, role);
        }
        self.roles_on_the_way(role_arns, candidate);
        self.accounts(accounts, candidate);
        self.portal_account(accounts, signer);
    }

    fn start_url(&mut self, rule: &AllowList<StartUrlPattern>, start_url: &str) {
        let Some(rule) = rule else { return };
        if StartUrlPattern::any_matches(rule, start_url) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
        let message = format!("the portal {} is not allowed", quoted(start_url));
        let remedy = format!("use a profile that signs in at {}", listed(&allowed));
        self.object(DenialCode::StartUrlNotAllowed, &rule.at, message, remedy);
    }

    fn name(&mut self, code: DenialCode, noun: &str, rule: &AllowList<NamePattern>, name: &str) {
        let Some(rule) = rule else { return };
        if rule.iter().any(|pattern| pattern.matches(name)) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
        let message = format!("the {noun} {} is not allowed", quoted(name));
        let remedy = format!("use a {noun} that is {}", listed(&allowed));
        self.object(code, &rule.at, message, remedy);
    }
}
