//! The account that requests count for, and the one that a portal signs in to.

use super::{AllowList, Candidate, Judge};
use crate::auth::AccountId;
use crate::jsonc::Located;
use crate::policy::denial::DenialCode;
use crate::policy::document::AccountsKnown;
use crate::prose::listed;
use crate::signer::Signer;

impl Judge<'_> {
    pub(super) fn accounts(&mut self, rule: &AllowList<AccountId>, candidate: &Candidate<'_>) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        self.account(rule, signer.account);
    }

    /// A role on top counts for its own account; what it stands on must be of a listed one, too.
    pub(super) fn portal_account(&mut self, rule: &AllowList<AccountId>, signer: &Signer) {
        let has_role_on_top = signer.roles().next().is_some();
        if let (Some(rule), Some(portal), true) = (rule, signer.portal(), has_role_on_top) {
            self.account(rule, portal.account);
        }
    }

    fn account(&mut self, rule: &Located<Vec<AccountId>>, account: Option<AccountId>) {
        let (code, message) = match account {
            Some(account) if rule.contains(&account) => return,
            Some(account) => {
                (DenialCode::AccountNotAllowed, format!("the account `{account}` is not allowed"))
            }
            None => (
                DenialCode::AccountUnknown,
                "the account cannot be known, and only listed ones are allowed".to_owned(),
            ),
        };
        let allowed: Vec<_> = rule.iter().map(ToString::to_string).collect();
        let remedy = format!("use credentials of the account {}", listed(&allowed));
        self.object(code, &rule.at, message, remedy);
    }
}

/// Whether the account is one that the credential itself has to tell, and the rule waits for it.
pub(super) fn is_told_later(
    accounts_known: &Option<Located<AccountsKnown>>,
    candidate: &Candidate<'_>,
) -> bool {
    let rule_waits =
        accounts_known.as_ref().is_some_and(|when| when.value == AccountsKnown::OnDelivery);
    // A key that came, or that is at hand, tells its account or never will.
    let is_told_now = candidate
        .signer
        .is_some_and(|signer| signer.account.is_some() || signer.access_key_id.is_some());
    rule_waits && !is_told_now
}
