//! What leads to a credential: its root, the roles that are assumed, the commands that are run.

use super::{AllowList, Candidate, Judge};
use crate::auth::Root;
use crate::policy::denial::DenialCode;
use crate::policy::pattern::{ArnPattern, CommandPattern};
use crate::prose::{listed, quoted};
use crate::signer::CommandLine;

impl Judge<'_> {
    pub(super) fn roots(&mut self, rule: &AllowList<Root>, candidate: &Candidate<'_>) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        let asked = what_was_asked(candidate);
        let (code, message) = match signer.root {
            Some(root) if rule.contains(&root) => return,
            Some(root) => {
                (DenialCode::RootNotAllowed, format!("{asked} gets its credentials from `{root}`"))
            }
            None => (
                DenialCode::RootUnknown,
                format!("where {asked} gets its credentials from cannot be known"),
            ),
        };
        let allowed: Vec<_> = rule.iter().map(|root| root.as_str()).collect();
        let remedy = match allowed.as_slice() {
            [] => "the policy allows no source of credentials here; use another method".to_owned(),
            _ => format!("get the credentials from {}", listed(&allowed)),
        };
        self.object(code, &rule.at, message, remedy);
    }

    pub(super) fn role_arns(&mut self, rule: &AllowList<ArnPattern>, candidate: &Candidate<'_>) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        let is_allowed = |role: &str| rule.iter().any(|pattern| pattern.matches(role));
        let mut roles = signer.roles().peekable();
        let messages: Vec<_> = match roles.peek() {
            None => vec![format!("{} assumes no role", what_was_asked(candidate))],
            Some(_) => roles
                .filter(|role| !is_allowed(role))
                .map(|role| format!("the role {} is not allowed", quoted(role)))
                .collect(),
        };
        for message in messages {
            let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
            let remedy = match allowed.as_slice() {
                [] => "use a profile that assumes no role".to_owned(),
                _ => format!("use a profile whose role is {}", listed(&allowed)),
            };
            self.object(DenialCode::RoleArnNotAllowed, &rule.at, message, remedy);
        }
    }

    /// Roles that are assumed, where none has to be.
    pub(super) fn roles_on_the_way(
        &mut self,
        rule: &AllowList<ArnPattern>,
        candidate: &Candidate<'_>,
    ) {
        if candidate.signer.is_some_and(|signer| signer.roles().next().is_some()) {
            self.role_arns(rule, candidate);
        }
    }

    pub(super) fn commands(&mut self, rule: &AllowList<CommandPattern>, candidate: &Candidate<'_>) {
        let (Some(rule), Some(signer)) = (rule, candidate.signer) else { return };
        // A process without its command line matches no command.
        let unknown = CommandLine::new("");
        let is_unknown =
            signer.root == Some(Root::CredentialProcess) && signer.commands().next().is_none();
        for command in signer.commands().chain(is_unknown.then_some(&unknown)) {
            if !rule.iter().any(|pattern| pattern.matches(command.as_str())) {
                let message = format!(
                    "the `credential_process` {} is not allowed as it is written",
                    quoted(command.program()),
                );
                let allowed: Vec<_> = rule.iter().map(|pattern| pattern.as_str()).collect();
                let remedy = format!("use a profile whose command is {}", listed(&allowed));
                self.object(DenialCode::CommandNotAllowed, &rule.at, message, remedy);
            }
        }
    }
}

fn what_was_asked(candidate: &Candidate<'_>) -> String {
    match candidate.profile {
        Some(profile) => format!("the profile {}", quoted(profile)),
        None => "the AWS default chain".to_owned(),
    }
}
