//! The lists of a policy, one after the other, each with the keys that lead to it.

use super::drafts::Spot;
use super::never::can_be_a_role;
use crate::auth::{AccountId, ApiKeyKind, Method, Root};
use crate::family::Family;
use crate::jsonc::Located;
use crate::policy::{
    ApiKeyRule, AppliesTo, ArnPattern, AutomaticRule, CommandPattern, CredentialLayer, Document,
    EndpointPattern, HostPattern, IamCredentialsRule, Methods, NamePattern, NamedProfileRule,
    PrincipalPattern, SsoRule, StartUrlPattern,
};

/// An element of a list.
pub(super) trait Element: PartialEq {
    /// Whether the other allows no more than this one.
    fn covers(&self, other: &Self) -> bool;

    /// As the policy writes it.
    fn written(&self) -> String;

    /// How many bytes have to be compared; none of what is compared in one step.
    fn length(&self) -> usize;

    /// How much it lets pass, where that is more than a pattern should.
    fn breadth(&self) -> Breadth {
        Breadth::Some
    }
}

/// So many patterns are compared with each other, of so many bytes together: to compare two takes as many steps as the product
/// of their lengths, and whoever opens a pull request chooses them.
const MOST_COMPARED: usize = 200;
const MOST_BYTES: usize = 16 << 10;

/// The beginning of a list, as far as its patterns are compared with each other.
pub(super) fn compared<E: Element>(list: &[E]) -> &[E] {
    let mut bytes = 0;
    let fits = |element: &&E| {
        bytes += element.length();
        bytes <= MOST_BYTES
    };
    &list[..list.iter().take(MOST_COMPARED).take_while(fits).count()]
}

/// Whether all patterns of a list are compared.
pub(super) fn is_compared<E: Element>(list: &[E]) -> bool {
    compared(list).len() == list.len()
}

/// How much a pattern matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breadth {
    /// What it names.
    Some,
    /// Any role of any account, which is less than no list at all.
    AnyRole,
    /// Everything, as if there were no list.
    Everything,
}

/// The keys that lead to a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    above: &'static str,
    key: &'static str,
}

impl Keys {
    pub(super) fn to_element(self, index: usize) -> Spot {
        let Keys { above, key } = self;
        Spot::element(&format!("{above}/{key}"), index)
    }
}

/// Who wants to see every list.
pub(super) trait Visitor {
    fn list<E: Element>(&mut self, keys: Keys, elements: &[E]);
}

const APPLIES_TO: &str = "/applies_to";

/// Shows every list, in the order of the format.
pub(super) fn visit(document: &Document, visitor: &mut impl Visitor) {
    let Document { applies_to, methods, regions, endpoints, environment_families, .. } = document;
    if let Some(AppliesTo { users, groups, hosts }) = applies_to.as_deref() {
        // Who may be meant is no constraint, so everybody may be.
        for (key, list) in [("users", users), ("groups", groups)] {
            if let Some(list) = list {
                visitor.list(Keys { above: APPLIES_TO, key }, list);
            }
        }
        if let Some(list) = hosts {
            visitor.list(Keys { above: APPLIES_TO, key: "hosts" }, list);
        }
    }
    if let Some(methods) = methods {
        of_methods(methods, visitor);
    }
    show(visitor, "", "regions", regions);
    show(visitor, "", "endpoints", endpoints);
    show(visitor, "", "environment_families", environment_families);
}

fn of_methods(methods: &Methods, visitor: &mut impl Visitor) {
    let Methods { automatic, named_profile, sso, iam_credentials, api_key } = methods;
    if let Some(rule) = automatic.as_deref() {
        let AutomaticRule { roots, role_arns, commands, accounts, accounts_known: _ } = rule;
        show(visitor, "/methods/automatic", "roots", roots);
        show(visitor, "/methods/automatic", "role_arns", role_arns);
        show(visitor, "/methods/automatic", "commands", commands);
        show(visitor, "/methods/automatic", "accounts", accounts);
    }
    if let Some(rule) = named_profile.as_deref() {
        let NamedProfileRule { profiles, roots, role_arns, commands, accounts, accounts_known: _ } =
            rule;
        show(visitor, "/methods/named_profile", "profiles", profiles);
        show(visitor, "/methods/named_profile", "roots", roots);
        show(visitor, "/methods/named_profile", "role_arns", role_arns);
        show(visitor, "/methods/named_profile", "commands", commands);
        show(visitor, "/methods/named_profile", "accounts", accounts);
    }
    if let Some(rule) = sso.as_deref() {
        let SsoRule { profiles, start_urls, accounts, roles, role_arns } = rule;
        show(visitor, "/methods/sso", "profiles", profiles);
        show(visitor, "/methods/sso", "start_urls", start_urls);
        show(visitor, "/methods/sso", "accounts", accounts);
        show(visitor, "/methods/sso", "roles", roles);
        show(visitor, "/methods/sso", "role_arns", role_arns);
    }
    if let Some(rule) = iam_credentials.as_deref() {
        let IamCredentialsRule { layers, temporary_only: _, accounts } = rule;
        show(visitor, "/methods/iam_credentials", "layers", layers);
        show(visitor, "/methods/iam_credentials", "accounts", accounts);
    }
    if let Some(rule) = api_key.as_deref() {
        let ApiKeyRule { layers, kinds, max_lifetime: _, temporary_only: _, accounts } = rule;
        show(visitor, "/methods/api_key", "layers", layers);
        show(visitor, "/methods/api_key", "kinds", kinds);
        show(visitor, "/methods/api_key", "accounts", accounts);
    }
}

/// The roles of each rule that names some, in the order of the format.
pub(super) fn role_arns(methods: &Methods) -> impl Iterator<Item = (Method, &Vec<ArnPattern>)> {
    let Methods { automatic, named_profile, sso, iam_credentials: _, api_key: _ } = methods;
    stated([
        (Method::Automatic, automatic.as_deref().map(|rule| &rule.role_arns)),
        (Method::NamedProfile, named_profile.as_deref().map(|rule| &rule.role_arns)),
        (Method::Sso, sso.as_deref().map(|rule| &rule.role_arns)),
    ])
}

/// The commands of each rule that names some, in the order of the format.
pub(super) fn commands(methods: &Methods) -> impl Iterator<Item = (Method, &Vec<CommandPattern>)> {
    let Methods { automatic, named_profile, sso: _, iam_credentials: _, api_key: _ } = methods;
    stated([
        (Method::Automatic, automatic.as_deref().map(|rule| &rule.commands)),
        (Method::NamedProfile, named_profile.as_deref().map(|rule| &rule.commands)),
    ])
}

/// The roots of each rule that names some, in the order of the format.
pub(super) fn roots(methods: &Methods) -> impl Iterator<Item = (Method, &Vec<Root>)> {
    let Methods { automatic, named_profile, sso: _, iam_credentials: _, api_key: _ } = methods;
    stated([
        (Method::Automatic, automatic.as_deref().map(|rule| &rule.roots)),
        (Method::NamedProfile, named_profile.as_deref().map(|rule| &rule.roots)),
    ])
}

/// A constraint that a rule may have.
type List<T> = Option<Located<Vec<T>>>;

/// The lists of one kind, of the rules that are there and have it.
fn stated<T, const RULES: usize>(
    lists: [(Method, Option<&List<T>>); RULES],
) -> impl Iterator<Item = (Method, &Vec<T>)> {
    lists.into_iter().filter_map(|(method, list)| Some((method, list?.as_deref()?)))
}

fn show<E: Element>(
    visitor: &mut impl Visitor,
    above: &'static str,
    key: &'static str,
    list: &List<E>,
) {
    if let Some(list) = list {
        visitor.list(Keys { above, key }, list);
    }
}

/// Values that stand for themselves.
macro_rules! plain {
    ($($name:ty,)+) => {$(
        impl Element for $name {
            fn covers(&self, other: &Self) -> bool {
                self == other
            }

            fn written(&self) -> String {
                self.to_string()
            }

            fn length(&self) -> usize {
                0
            }
        }
    )+};
}

plain! { AccountId, ApiKeyKind, CredentialLayer, Family, Root, }

/// A pattern matches the text of another one where its `*` reaches over the other's.
macro_rules! patterns {
    ($($name:ty, |$pattern:ident| $breadth:expr;)+) => {$(
        impl Element for $name {
            fn covers(&self, other: &Self) -> bool {
                self.matches(other.as_str())
            }

            fn written(&self) -> String {
                self.as_str().to_owned()
            }

            fn length(&self) -> usize {
                self.as_str().len()
            }

            fn breadth(&self) -> Breadth {
                let $pattern = self;
                $breadth
            }
        }
    )+};
}

patterns! {
    NamePattern, |pattern| if is_stars(pattern.as_str()) { Breadth::Everything } else { Breadth::Some };
    ArnPattern, |pattern| if is_any_role(pattern) { Breadth::AnyRole } else { Breadth::Some };
    CommandPattern, |_pattern| Breadth::Some;
    // Who is meant may be everybody.
    PrincipalPattern, |_pattern| Breadth::Some;
    HostPattern, |_pattern| Breadth::Some;
}

impl Element for EndpointPattern {
    fn covers(&self, other: &Self) -> bool {
        EndpointPattern::covers(self, other)
    }

    fn written(&self) -> String {
        self.as_str().to_owned()
    }

    fn length(&self) -> usize {
        self.as_str().len()
    }
}

impl Element for StartUrlPattern {
    fn covers(&self, other: &Self) -> bool {
        StartUrlPattern::covers(self, other)
    }

    fn written(&self) -> String {
        self.as_str().to_owned()
    }

    fn length(&self) -> usize {
        self.as_str().len()
    }
}

fn is_stars(pattern: &str) -> bool {
    pattern.bytes().all(|byte| byte == b'*')
}

/// Any role of any account that has no path.
fn is_any_role(pattern: &ArnPattern) -> bool {
    pattern.parts().is_some_and(|[_, _, _, _, account, resource]| {
        let name = resource.split_once('/').map(|(_, name)| name);
        can_be_a_role(pattern)
            && !account.is_empty()
            && is_stars(account)
            && name.is_some_and(is_stars)
    })
}
