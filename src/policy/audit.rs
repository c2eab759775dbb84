//! What has to be on record.

use super::document::Document;
use super::in_force::Policy;
use crate::words::words;

words! {
    /// What has to be on record before a credential leaves.
    pub enum AuditDemand {
        /// Nothing: there is no policy, and the settings do not ask for it.
        Off = "off",
        /// Each decision; where that fails, the credential leaves with a warning.
        Recorded = "recorded",
        /// Each decision, durably; where that fails, no credential leaves.
        Required = "required",
    }
}

impl Policy {
    /// What has to be on record under these policies, where the settings ask for a journal or do not.
    pub fn audit_demand(&self, settings_ask: bool) -> AuditDemand {
        // A policy that only reports withholds nothing.
        let requires = |document: &Document| {
            let required = document.audit.as_ref().and_then(|audit| audit.required.as_ref());
            document.enforces() && required.is_some_and(|required| required.value)
        };
        if self.documents().any(requires) {
            AuditDemand::Required
        } else if self.is_in_force() || settings_ask {
            AuditDemand::Recorded
        } else {
            AuditDemand::Off
        }
    }
}
