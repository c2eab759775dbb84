//! A resolution for people: first the answer, then what led to it.

use anstyle::Style;
use bedrock_auth::auth::Root;
use bedrock_auth::policy::{Denial, SourceReport, SourceState};
use bedrock_auth::prose::{Shown, quoted};
use bedrock_auth::provenance::{Layer, Source};
use bedrock_auth::resolve::{CandidateReport, Fate, Outcome, Resolution, ValueReport, Warning};
use bedrock_auth::signer::{Step, StepKind};

use super::{BAD, FAINT, GOOD, Page, STRONG, WARN, place, styled, with_tilde};

/// What is in force, on one screen.
pub(crate) fn status(resolution: &Resolution) -> Page {
    let mut page = answer(resolution);
    if resolution.outcome != Outcome::Allowed || !resolution.warnings.is_empty() {
        page.blank();
        page.note(&styled(FAINT, "`bedrock-auth explain` shows everything that was considered"));
    }
    page
}

/// Everything that was considered, in order.
pub(crate) fn explain(resolution: &Resolution) -> Page {
    let mut page = answer(resolution);
    page.section("Ways to authenticate, in the order in which they are heard");
    for candidate in &resolution.candidates {
        show_candidate(&mut page, candidate);
    }
    if !resolution.chain.is_empty() {
        page.section("Where the credential comes from");
        for step in &resolution.chain {
            show_step(&mut page, step);
        }
    }
    page.section("Values, in the order in which they are heard");
    for value in &resolution.values {
        show_value(&mut page, value);
    }
    page.section("Policies");
    for source in &resolution.policy.sources {
        show_policy(&mut page, source);
    }
    if resolution.policy.sources.is_empty() {
        page.item("none");
    }
    page
}

/// Why credentials are refused.
pub(crate) fn refusal(word: &str, denials: &[Denial]) -> Page {
    let mut page = Page::for_stdout();
    let first = denials.first().map(|denial| denial.message.as_str()).unwrap_or_default();
    page.headline(BAD, &format!("✗ {word}"), first);
    show_denials(&mut page, denials);
    page
}

fn answer(resolution: &Resolution) -> Page {
    let mut page = Page::for_stdout();
    let (style, word) = match resolution.outcome {
        Outcome::Allowed => (GOOD, "✓ allowed"),
        Outcome::Denied => (BAD, "✗ denied"),
        Outcome::Unconfigured => (WARN, "– unconfigured"),
    };
    page.headline(style, word, &Shown(&headline(resolution)).to_string());
    if resolution.what_if {
        page.note(&styled(WARN, "what if: these are not the policies of this machine"));
    }
    match resolution.outcome {
        Outcome::Allowed => show_what_is_in_force(&mut page, resolution),
        Outcome::Denied => show_denials(&mut page, &resolution.denials),
        Outcome::Unconfigured => show_what_to_do(&mut page, resolution),
    }
    if !resolution.warnings.is_empty() {
        page.section("Worth knowing");
        for warning in &resolution.warnings {
            show_warning(&mut page, warning);
        }
    }
    page
}

fn headline(resolution: &Resolution) -> String {
    match (resolution.outcome, resolution.denials.first()) {
        (Outcome::Denied, Some(denial)) => denial.message.clone(),
        (Outcome::Unconfigured, _) => unusable(resolution)
            .and_then(|candidate| candidate.why.clone())
            .unwrap_or("no way to authenticate is set".to_owned()),
        _ => resolution.display.clone(),
    }
}

fn show_what_is_in_force(page: &mut Page, resolution: &Resolution) {
    page.blank();
    let Some(allowed) = resolution.allowed() else { return };
    let method = styled(STRONG, allowed.auth().method().as_str());
    page.entry("method", &with_source(&method, resolution.source.as_ref()));
    let root = resolution.root.map_or("cannot be known", Root::as_str);
    page.entry("signs with", root);
    if let Some(account) = resolution.account {
        page.entry("account", &account.to_string());
    }
    if let Some(key) = &resolution.access_key_id {
        page.entry("access key", &Shown(key.as_str()).to_string());
    }
    if let Some(expires) = resolution.expires {
        page.entry("expires", &expires.to_string());
    }
    let region = &resolution.region;
    page.entry("region", &with_source(&Shown(&region.value).to_string(), region.source.as_ref()));
    match &resolution.endpoint.value {
        Some(url) => {
            let source = resolution.endpoint.source.as_ref();
            page.entry("endpoint", &with_source(&Shown(url).to_string(), source));
        }
        None => page.entry("endpoint", "AWS's own"),
    }
    page.entry("policy", &policies(resolution));
}

fn policies(resolution: &Resolution) -> String {
    let in_force: Vec<_> = resolution
        .policy
        .sources
        .iter()
        .filter(|source| source.state == SourceState::Loaded)
        .map(named)
        .collect();
    if in_force.is_empty() { "none on this machine".to_owned() } else { in_force.join(", ") }
}

fn named(source: &SourceReport) -> String {
    let file = styled(FAINT, &with_tilde(&source.file.display().to_string()));
    match (&source.id, source.revision) {
        (Some(id), Some(revision)) => format!("{id} revision {revision}  {file}"),
        (Some(id), None) => format!("{id}  {file}"),
        (None, _) => file,
    }
}

/// What was asked for, where, which line forbids it, what to do: once for each reason.
fn show_denials(page: &mut Page, denials: &[Denial]) {
    for (index, denial) in denials.iter().enumerate() {
        page.blank();
        if index > 0 {
            page.note(&format!("{} {}", styled(BAD, "and"), Shown(&denial.message)));
        }
        if let Some(source) = &denial.requested_at {
            page.entry("asked for", &source_in_words(source));
        }
        if let Some(forbidden_by) = &denial.forbidden_by {
            let policy =
                denial.policy_id.as_ref().map(|id| format!("policy {id}  ")).unwrap_or_default();
            page.entry("forbidden", &format!("{policy}{}", place(forbidden_by)));
        }
        page.entry("what to do", &styled(STRONG, &Shown(&denial.remedy).to_string()));
        if let Some(contact) = &denial.contact {
            page.entry("help", &Shown(contact).to_string());
        }
        page.entry("code", &styled(FAINT, denial.code.as_str()));
    }
}

fn show_what_to_do(page: &mut Page, resolution: &Resolution) {
    page.blank();
    match unusable(resolution) {
        Some(candidate) => {
            if let Some(source) = &candidate.source {
                page.entry("asked for", &source_in_words(source));
            }
            if let Some(remedy) = &candidate.remedy {
                page.entry("what to do", &styled(STRONG, &Shown(remedy).to_string()));
            }
            if let Some(code) = candidate.code {
                page.entry("code", &styled(FAINT, code.as_str()));
            }
        }
        None => page.entry(
            "what to do",
            "set `authentication_method` in the settings, or store a credential with `bedrock-auth login`",
        ),
    }
    page.entry("policy", &policies(resolution));
}

/// The candidate that a person most likely meant to be used.
fn unusable(resolution: &Resolution) -> Option<&CandidateReport> {
    let asked_for = |c: &&CandidateReport| c.fate == Fate::Unusable || c.remedy.is_some();
    resolution.candidates.iter().find(asked_for)
}

fn show_warning(page: &mut Page, warning: &Warning) {
    let at = warning.source.as_ref().map(|source| format!("  {}", place(&source.place)));
    let message = Shown(&warning.message);
    page.item(&format!("{} {message}{}", styled(WARN, "!"), at.unwrap_or_default()));
    if let Some(remedy) = &warning.remedy {
        page.entry_at("    ", 0, "", &styled(FAINT, &format!("→ {}", Shown(remedy))));
    }
}

fn show_candidate(page: &mut Page, candidate: &CandidateReport) {
    let method = candidate.method.map_or("–", |method| method.as_str());
    let mut text = format!("{method} {}", fate(candidate.fate));
    if let Some(source) = &candidate.source {
        text = format!("{text}  {}", place(&source.place));
    }
    if let Some(asked_by) = &candidate.asked_by {
        text = format!("{text}  asked for by {}", place(&asked_by.place));
    }
    if let Some(why) = &candidate.why {
        text = format!("{text}  {}", Shown(why));
    }
    page.entry_at("  ", 13, candidate.step, &text);
    for denial in &candidate.denials {
        if let Some(forbidden_by) = &denial.forbidden_by {
            let line = format!("forbidden by {}  {}", place(forbidden_by), denial.code);
            page.entry_at("    ", 11, "", &line);
        }
    }
    if let Some(remedy) = &candidate.remedy {
        page.entry_at("    ", 11, "", &format!("→ {}", Shown(remedy)));
    }
}

fn show_value(page: &mut Page, value: &ValueReport) {
    let mut text = format!("{} {}", quoted(&value.value), fate(value.fate));
    if let Some(source) = &value.source {
        text = format!("{text}  {}", place(&source.place));
    }
    if let Some(why) = &value.why {
        text = format!("{text}  {}", Shown(why));
    }
    page.entry_at("  ", 13, value.key.as_str(), &text);
}

fn show_step(page: &mut Page, step: &Step) {
    let mut text =
        step.kind.profile().map(|p| format!("profile {} ", quoted(p))).unwrap_or_default();
    match &step.kind {
        StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } => {
            text += &format!("assumes {} ", quoted(role_arn));
        }
        StepKind::Sso { start_url, role_name, .. } => {
            text += &format!("signs in at {} ", quoted(start_url));
            if let Some(role_name) = role_name {
                text += &format!("as {} ", quoted(role_name));
            }
        }
        StepKind::CredentialProcess { command, .. } => {
            text += &format!("runs {} ", quoted(command.program()));
        }
        StepKind::Login { login_session, .. } => text += &format!("{} ", quoted(login_session)),
        StepKind::StaticKeys { .. }
        | StepKind::EnvironmentKeys
        | StepKind::Container
        | StepKind::Imds => {}
    }
    if let Some(at) = &step.at {
        text += &format!(" {}", place(at));
    }
    page.entry_at("  ", 20, step.kind.as_str(), text.trim_end());
}

fn show_policy(page: &mut Page, source: &SourceReport) {
    let style: Style = match source.state {
        SourceState::Loaded => GOOD,
        SourceState::Absent
        | SourceState::Empty
        | SourceState::NotApplicable
        | SourceState::NotYetValid => FAINT,
        SourceState::Unreadable
        | SourceState::Malformed
        | SourceState::Invalid
        | SourceState::Untrusted
        | SourceState::Expired => BAD,
    };
    let why = source.reason.as_ref().map(|why| format!("  {}", Shown(why))).unwrap_or_default();
    let state = styled(style, source.state.as_str());
    page.item(&format!("{state}  {}{why}", named(source)));
}

fn fate(fate: Fate) -> String {
    let style = match fate {
        Fate::Chosen => GOOD,
        Fate::Denied => BAD,
        Fate::Unusable => WARN,
        Fate::Shadowed | Fate::Absent => FAINT,
    };
    styled(style, fate.as_str())
}

fn with_source(value: &str, source: Option<&Source>) -> String {
    match source {
        Some(source) => format!("{value}  {}", place(&source.place)),
        None => format!("{value}  {}", styled(FAINT, "(the default)")),
    }
}

fn source_in_words(source: &Source) -> String {
    let layer = match source.layer {
        Layer::Managed => "a managed setting",
        Layer::User => "the settings",
        Layer::Environment => "the environment",
        Layer::Keychain => "the keychain",
    };
    format!("{}  {}", layer, place(&source.place))
}
