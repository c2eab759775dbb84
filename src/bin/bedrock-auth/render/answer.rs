//! A resolution for people: first the answer, then what led to it.

use anstyle::Style;
use bedrock_auth::auth::Root;
use bedrock_auth::network::NetworkPart;
use bedrock_auth::policy::{AuditDemand, Denial, DenialCode, SourceReport, SourceState};
use bedrock_auth::prose::quoted;
use bedrock_auth::provenance::{Layer, Place, Source};
use bedrock_auth::resolve::{
    CandidateReport, Fate, NetworkReport, Outcome, Resolution, ValueReport, Warning,
};
use bedrock_auth::signer::{SignInReport, Step, StepKind};

use super::{BAD, FAINT, GOOD, Page, STRONG, WARN, WHAT_IF, clean, place, styled};

/// What is in force, on one screen.
pub(crate) fn status(resolution: &Resolution) -> Page {
    screen(Page::for_stdout(), resolution)
}

/// The same where it is the reason why something else is not done.
pub(crate) fn not_allowed(resolution: &Resolution) -> Page {
    screen(Page::for_stderr(), resolution)
}

fn screen(page: Page, resolution: &Resolution) -> Page {
    let mut page = answer(page, resolution);
    if resolution.outcome != Outcome::Allowed || !resolution.warnings.is_empty() {
        page.blank();
        page.note(&styled(FAINT, "`bedrock-auth explain` shows everything that was considered"));
    }
    page
}

/// Everything that was considered, in order.
pub(crate) fn explain(resolution: &Resolution) -> Page {
    let mut page = answer(Page::for_stdout(), resolution);
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
    if !resolution.network.is_empty() {
        page.section("Between this program and AWS");
        for report in &resolution.network {
            show_network(&mut page, report);
        }
    }
    page.section("Policies");
    for source in &resolution.policy.sources {
        show_policy(&mut page, source);
    }
    if resolution.policy.sources.is_empty() {
        page.item("none");
    }
    match resolution.audit {
        AuditDemand::Off => {}
        AuditDemand::Recorded => page.item("each decision goes on record"),
        AuditDemand::Required => page.item("nothing is handed out before it is on record"),
    }
    page
}

/// Why credentials are refused.
pub(crate) fn refusal(mut page: Page, word: &str, denials: &[Denial]) -> Page {
    let first = denials.first().map(|denial| denial.message.as_str()).unwrap_or_default();
    page.headline(BAD, &format!("✗ {word}"), &clean(first));
    show_denials(&mut page, denials, |_| None);
    page
}

fn answer(mut page: Page, resolution: &Resolution) -> Page {
    let (style, word) = match resolution.outcome {
        Outcome::Allowed => (GOOD, "✓ allowed"),
        Outcome::Denied => (BAD, "✗ denied"),
        Outcome::Unconfigured => (WARN, "– unconfigured"),
    };
    page.headline(style, word, &clean(&headline(resolution)));
    if resolution.what_if {
        page.note(&styled(WARN, WHAT_IF));
    }
    match resolution.outcome {
        Outcome::Allowed => show_what_is_in_force(&mut page, resolution),
        Outcome::Denied => {
            let asked = |source: &Source| what_was_asked(resolution, source);
            show_denials(&mut page, &resolution.denials, asked);
        }
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
        page.entry("access key", &clean(key.as_str()));
    }
    if let Some(expires) = resolution.expires {
        page.entry("expires", &expires.to_string());
    }
    if let Some(SignInReport { expires, renewable }) = resolution.sign_in {
        let then = if renewable { ", then renewed" } else { "" };
        page.entry("signed in", &format!("until {expires}{then}"));
    }
    let region = &resolution.region;
    page.entry("region", &with_source(&clean(&region.value), region.source.as_ref()));
    match &resolution.endpoint.value {
        Some(url) => {
            let source = resolution.endpoint.source.as_ref();
            page.entry("endpoint", &with_source(&clean(url), source));
        }
        None => page.entry("endpoint", "AWS's own"),
    }
    for report in resolution.network.iter().filter(|report| report.fate == Fate::Chosen) {
        let value = clean(report.value.as_deref().unwrap_or_default());
        let label = match report.part {
            NetworkPart::CaBundle => "trusts",
            NetworkPart::Proxy => "proxy",
        };
        page.entry(label, &with_source(&value, Some(&report.source)));
    }
    page.entry("policy", &policies(resolution));
}

fn policies(resolution: &Resolution) -> String {
    let in_force: Vec<_> = resolution
        .policy
        .sources
        .iter()
        .filter(|source| source.state == SourceState::Loaded || source.last_good.is_some())
        .map(named)
        .collect();
    if in_force.is_empty() { "none in force".to_owned() } else { in_force.join(", ") }
}

fn named(source: &SourceReport) -> String {
    let file = styled(FAINT, &clean(&source.file.display().to_string()));
    match (&source.id, source.revision) {
        (Some(id), Some(revision)) => format!("{id} revision {revision}  {file}"),
        (Some(id), None) => format!("{id}  {file}"),
        (None, _) => file,
    }
}

/// What was asked for, where, which line forbids it, what to do. Reasons against one thing stand together.
fn show_denials(page: &mut Page, denials: &[Denial], asked: impl Fn(&Source) -> Option<String>) {
    let mut shown_source = None;
    for (index, denial) in denials.iter().enumerate() {
        page.blank();
        if index > 0 {
            page.note(&format!("{} {}", styled(BAD, "and"), clean(&denial.message)));
        }
        if let Some(source) = denial.requested_at.as_ref().filter(|at| shown_source != Some(*at)) {
            let asked = match denial.code {
                DenialCode::ServiceEndpointNotAllowed => {
                    format!("another endpoint  {}", place(&source.place))
                }
                _ => {
                    let asked = asked(source).unwrap_or_else(|| "a credential".to_owned());
                    format!("{asked} in {}", source_in_words(source))
                }
            };
            page.entry("asked for", &asked);
            shown_source = Some(source);
        }
        if let Some(forbidden_by) = &denial.forbidden_by {
            let policy = denial.policy_id.as_ref().map(|id| format!("by policy {id}  "));
            let policy = policy.unwrap_or_default();
            page.entry("forbidden", &format!("{policy}{}", place(forbidden_by)));
        }
        page.entry("what to do", &styled(STRONG, &clean(&denial.remedy)));
        page.entry("code", &styled(FAINT, denial.code.as_str()));
    }
    show_contacts(page, denials);
}

fn show_contacts(page: &mut Page, denials: &[Denial]) {
    let mut contacts: Vec<_> = denials.iter().filter_map(|d| d.contact.as_deref()).collect();
    contacts.sort_unstable();
    contacts.dedup();
    if !contacts.is_empty() {
        page.blank();
    }
    for contact in contacts {
        page.entry("help", &clean(contact));
    }
}

/// What stands at a source, in the words of the settings.
fn what_was_asked(resolution: &Resolution, source: &Source) -> Option<String> {
    let is_here = |other: &Option<Source>| other.as_ref() == Some(source);
    let candidate = resolution.candidates.iter().find(|candidate| is_here(&candidate.source));
    let method = candidate.and_then(|candidate| candidate.method).map(|m| m.as_str().to_owned());
    let value = || {
        let value = resolution.values.iter().find(|value| is_here(&value.source))?;
        Some(format!("{} {}", value.key, clean(&quoted(&value.value))))
    };
    let network = || {
        let report = resolution.network.iter().find(|report| report.source == *source)?;
        let value = report.value.as_deref().unwrap_or("…");
        Some(format!("{} {}", report.part, clean(&quoted(value))))
    };
    method.or_else(value).or_else(network)
}

fn show_what_to_do(page: &mut Page, resolution: &Resolution) {
    page.blank();
    match unusable(resolution) {
        Some(candidate) => {
            if let Some(source) = &candidate.source {
                let asked = candidate.method.map_or("a method", |method| method.as_str());
                page.entry("asked for", &format!("{asked} in {}", source_in_words(source)));
            }
            if let Some(remedy) = &candidate.remedy {
                page.entry("what to do", &styled(STRONG, &clean(remedy)));
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
    let asked_for = |c: &&CandidateReport| {
        // That a keychain is missing says nothing about what was meant.
        c.fate == Fate::Unusable || (c.remedy.is_some() && c.source.is_some())
    };
    resolution.candidates.iter().find(asked_for)
}

fn show_warning(page: &mut Page, warning: &Warning) {
    let message = clean(&warning.message);
    // Once is enough.
    let is_told = |place: &Place| warning.message.contains(&place.to_string());
    let at = warning.source.as_ref().filter(|source| !is_told(&source.place));
    let at = at.map(|source| format!("  {}", place(&source.place)));
    page.item(&format!("{} {message}{}", styled(WARN, "!"), at.unwrap_or_default()));
    if let Some(remedy) = &warning.remedy {
        page.entry_at("    ", 0, "", &styled(FAINT, &format!("→ {}", clean(remedy))));
    }
}

/// One line to run the eye down, and below it why.
fn show_candidate(page: &mut Page, candidate: &CandidateReport) {
    let method = candidate.method.map_or("", |method| method.as_str());
    let mut text = String::new();
    if candidate.source.is_some() {
        text += &format!("{method:<16}");
    }
    if let Some(source) = &candidate.source {
        text += &place(&source.place);
    }
    let has_place = candidate.source.is_some();
    if let Some(why) = candidate.why.as_ref().filter(|_| !has_place) {
        text += &clean(why);
    }
    page.row(candidate.step.as_str(), STEP_WIDTH, &fate(candidate.fate), FATE_WIDTH, &text);
    if let Some(asked_by) = &candidate.asked_by {
        show_below(page, &format!("asked for by {}", place(&asked_by.place)));
    }
    if candidate.denials.is_empty()
        && has_place
        && let Some(why) = &candidate.why
    {
        show_below(page, &clean(why));
    }
    for denial in &candidate.denials {
        let at = denial.forbidden_by.as_ref().map(|at| format!("  {}", place(at)));
        show_below(page, &format!("{}{}", clean(&denial.message), at.unwrap_or_default()));
    }
    if let Some(remedy) = &candidate.remedy {
        show_below(page, &format!("→ {}", clean(remedy)));
    }
}

fn show_value(page: &mut Page, value: &ValueReport) {
    let mut text = format!("{:<16}", clean(&quoted(&value.value)));
    if let Some(source) = &value.source {
        text += &format!(" {}", place(&source.place));
    }
    page.row(value.key.as_str(), STEP_WIDTH, &fate(value.fate), FATE_WIDTH, text.trim_end());
    if let Some(why) = &value.why {
        show_below(page, &clean(why));
    }
}

fn show_network(page: &mut Page, report: &NetworkReport) {
    let value = report.value.as_deref().unwrap_or("…");
    let text = format!("{:<16} {}", clean(&quoted(value)), place(&report.source.place));
    page.row(report.part.as_str(), STEP_WIDTH, &fate(report.fate), FATE_WIDTH, &text);
    if let Some(why) = &report.why {
        show_below(page, &clean(why));
    }
}

/// As wide as the longest step or key, `endpoint_url`, and a gap.
const STEP_WIDTH: usize = 14;
/// As wide as the longest fate, `shadowed` or `unusable`, and a gap.
const FATE_WIDTH: usize = 10;

fn show_below(page: &mut Page, text: &str) {
    page.entry_at("  ", STEP_WIDTH + FATE_WIDTH, "", text);
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
        StepKind::StaticKeys { .. } => text += "holds an access key ",
        StepKind::EnvironmentKeys => text += "an access key in variables ",
        StepKind::Container => text += "the container credentials endpoint ",
        StepKind::Imds => text += "the EC2 instance metadata service ",
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
    let why = source.reason.as_ref().map(|why| format!("  {}", clean(why))).unwrap_or_default();
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
