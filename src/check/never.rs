//! Why nothing can ever match the rule of a method.

use crate::auth::{ApiKeyKind, Method, Root};
use crate::jsonc::Located;
use crate::policy::{
    ApiKeyRule, ArnPattern, AutomaticRule, CommandPattern, CredentialLayer, Document,
    IamCredentialsRule, NamedProfileRule, SsoRule, matches_segment,
};

/// Why nothing can match a rule: the key of the rule that stands in the way.
pub(super) struct Never {
    pub(super) key: &'static str,
    pub(super) why: &'static str,
}

/// Why nothing can match the rule of a method, if that is so.
pub(super) fn never(document: &Document, method: Method) -> Option<Never> {
    let methods = document.methods.as_deref()?;
    let empty = |key: &'static str, is_empty: bool| {
        is_empty.then_some(Never { key, why: "the list is empty" })
    };
    match method {
        Method::Automatic => {
            let rule = methods.automatic.as_deref()?;
            let AutomaticRule { roots, role_arns: _, commands, accounts, accounts_known: _ } = rule;
            empty("roots", is_empty(roots))
                .or(empty("accounts", is_empty(accounts)))
                .or(no_root(roots))
                .or(no_command(roots, commands))
        }
        Method::NamedProfile => {
            let rule = methods.named_profile.as_deref()?;
            let NamedProfileRule {
                profiles,
                roots,
                role_arns,
                commands,
                accounts,
                accounts_known: _,
            } = rule;
            let no_role = role_arns.as_ref().is_some_and(|roles| !roles.iter().any(can_be_a_role));
            let strangers = match (role_arns, accounts) {
                (Some(roles), Some(accounts)) => !roles.iter().any(|role| {
                    account_of(role).is_none_or(|pattern| {
                        let mut accounts = accounts.iter();
                        accounts.any(|account| matches_segment(pattern, &account.to_string()))
                    })
                }),
                _ => false,
            };
            let of_no_form = "no role has an ARN of these forms, and a profile has to assume one";
            let of_strangers = "no role that it allows is of an account that it allows";
            empty("profiles", is_empty(profiles))
                .or(empty("roots", is_empty(roots)))
                .or(empty("role_arns", is_empty(role_arns)))
                .or(empty("accounts", is_empty(accounts)))
                .or(no_root(roots))
                .or(no_command(roots, commands))
                .or(no_role.then_some(Never { key: "role_arns", why: of_no_form }))
                .or(strangers.then_some(Never { key: "role_arns", why: of_strangers }))
        }
        Method::Sso => {
            let rule = methods.sso.as_deref()?;
            let SsoRule { profiles, start_urls, accounts, roles, role_arns: _ } = rule;
            empty("profiles", is_empty(profiles))
                .or(empty("start_urls", is_empty(start_urls)))
                .or(empty("accounts", is_empty(accounts)))
                .or(empty("roles", is_empty(roles)))
        }
        Method::IamCredentials => {
            let rule = methods.iam_credentials.as_deref()?;
            let IamCredentialsRule { layers, temporary_only: _, accounts } = rule;
            empty("layers", is_empty(layers))
                .or(empty("accounts", is_empty(accounts)))
                .or(no_family(document, layers))
        }
        Method::ApiKey => {
            let rule = methods.api_key.as_deref()?;
            let ApiKeyRule { layers, kinds, max_lifetime: _, temporary_only: _, accounts } = rule;
            let only_long_term = kinds
                .as_ref()
                .is_some_and(|kinds| kinds.iter().all(|kind| *kind == ApiKeyKind::LongTerm));
            let is_ended = rule.demand_of_end().is_some();
            let why = "a long-term key has no end, and the rule demands one";
            empty("layers", is_empty(layers))
                .or(empty("kinds", is_empty(kinds)))
                .or(empty("accounts", is_empty(accounts)))
                .or(no_family(document, layers))
                .or((only_long_term && is_ended).then_some(Never { key: "kinds", why }))
        }
    }
}

pub(super) fn is_empty<T>(list: &Option<Located<Vec<T>>>) -> bool {
    list.as_ref().is_some_and(|list| list.is_empty())
}

/// Roots that neither the default chain nor a profile has.
pub(super) fn is_of_api_keys(root: Root) -> bool {
    matches!(root, Root::ShortTermApiKey | Root::LongTermApiKey)
}

fn no_root(roots: &Option<Located<Vec<Root>>>) -> Option<Never> {
    let all = roots.as_ref()?.iter().all(|root| is_of_api_keys(*root));
    all.then_some(Never { key: "roots", why: "none of the roots is one of this method" })
}

/// Only commands could supply a credential, and none may be run.
fn no_command(
    roots: &Option<Located<Vec<Root>>>,
    commands: &Option<Located<Vec<CommandPattern>>>,
) -> Option<Never> {
    let mut roots = roots.as_ref()?.iter();
    let is_process_alone =
        roots.all(|root| *root == Root::CredentialProcess || is_of_api_keys(*root));
    let why = "`roots` takes credentials from commands alone, and the list is empty";
    (is_process_alone && is_empty(commands)).then_some(Never { key: "commands", why })
}

fn no_family(document: &Document, layers: &Option<Located<Vec<CredentialLayer>>>) -> Option<Never> {
    let is_environment_alone =
        layers.as_ref()?.iter().all(|layer| *layer == CredentialLayer::Environment);
    let why =
        "only the environment may supply it, and `environment_families` lets no variable be read";
    (is_environment_alone && is_empty(&document.environment_families))
        .then_some(Never { key: "layers", why })
}

/// Whether a role could have an ARN of this form.
pub(super) fn can_be_a_role(pattern: &ArnPattern) -> bool {
    let Some([arn, _, service, region, _, resource]) = pattern.parts() else { return false };
    let kind = resource.split_once('/').map(|(kind, _)| kind);
    matches_segment(arn, "arn")
        && matches_segment(service, "iam")
        && matches_segment(region, "")
        && kind.is_some_and(|kind| matches_segment(kind, "role"))
}

/// The account of a role, as its pattern writes it.
fn account_of(pattern: &ArnPattern) -> Option<&str> {
    pattern.parts().map(|[_, _, _, _, account, _]| account)
}
