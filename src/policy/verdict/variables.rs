//! What of the environment may count: CA bundles, proxies, and the families of variables.

use super::Judge;
use crate::family::Family;
use crate::jsonc::Located;
use crate::network::{CaBundle, Proxy};
use crate::policy::denial::DenialCode;
use crate::policy::document::Network;
use crate::prose::listed;

impl Judge<'_> {
    pub(super) fn judge_ca_bundle(&mut self, bundle: &CaBundle) {
        let message =
            format!("`{}` may not replace the certificates that are trusted", bundle.variable);
        self.variable(DenialCode::CaBundleNotAllowed, |n| &n.ca_bundle, message, bundle.variable);
    }

    pub(super) fn judge_proxy(&mut self, proxy: &Proxy) {
        let message = format!("requests may not go through the proxy of `{}`", proxy.variable);
        self.variable(DenialCode::ProxyNotAllowed, |n| &n.proxy, message, proxy.variable);
    }

    /// Objects to a variable that the policy forbids.
    fn variable(
        &mut self,
        code: DenialCode,
        permission: impl Fn(&Network) -> &Option<Located<bool>>,
        message: String,
        name: &str,
    ) {
        let document = self.document;
        let permission = document.network.as_ref().and_then(|n| permission(n).as_ref());
        if let Some(forbidden) = permission.filter(|may| !may.value) {
            let remedy = format!("unset `{name}` for this program");
            self.object(code, &forbidden.at, message, remedy);
        }
    }

    pub(super) fn judge_family(&mut self, family: &Family) {
        let Some(rule) = &self.document.environment_families else { return };
        if rule.contains(family) {
            return;
        }
        let allowed: Vec<_> = rule.iter().map(Family::as_str).collect();
        let message = format!("variables of the family `{family}` may not be read");
        let remedy = match allowed.as_slice() {
            [] => "use the settings or the keychain instead of variables".to_owned(),
            _ => format!("use variables of the family {}", listed(&allowed)),
        };
        self.object(DenialCode::FamilyNotAllowed, &rule.at, message, remedy);
    }
}
