//! Which records are meant, as options.

use bedrock_auth::audit::{Door, UseOutcome};
use bedrock_auth::auth::{AccountId, Method, Root};
use bedrock_auth::journal::query::{EventKind, Filter};
use bedrock_auth::policy::DenialCode;
use bedrock_auth::words::Word;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::exit::Failure;

const HEADING: &str = "Which records";

/// An option given again, or with commas, means "or"; different options mean "and".
#[derive(Debug, clap::Args)]
#[command(next_help_heading = HEADING)]
pub(super) struct FilterArgs {
    /// Records of this moment or later: RFC 3339, a date (midnight in UTC), or a span back from now such as `7d` or `12h`
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    since: Option<Timestamp>,

    /// Records before this moment
    #[arg(long, value_name = "WHEN", value_parser = moment)]
    until: Option<Timestamp>,

    /// Of this person: the login name, or the number
    #[arg(long, value_name = "USER")]
    user: Vec<String>,

    /// On this machine
    #[arg(long, value_name = "HOST")]
    host: Vec<String>,

    /// By this method
    #[arg(long, value_name = "METHOD", value_delimiter = ',', value_parser = word::<Method>())]
    method: Vec<Method>,

    /// With a credential that really comes from there
    #[arg(long, value_name = "ROOT", value_delimiter = ',', value_parser = word::<Root>())]
    root: Vec<Root>,

    /// What became of it
    #[arg(long, value_name = "OUTCOME", value_delimiter = ',', value_parser = word::<UseOutcome>())]
    outcome: Vec<UseOutcome>,

    /// On which way it left, or would have
    #[arg(long, value_name = "DOOR", value_delimiter = ',', value_parser = word::<Door>())]
    door: Vec<Door>,

    /// Denied for this reason
    #[arg(long, value_name = "CODE", value_delimiter = ',', hide_possible_values = true, value_parser = word::<DenialCode>())]
    code: Vec<DenialCode>,

    /// Also what policies that only report would have denied; without `--code`, only that
    #[arg(long)]
    would_deny: bool,

    /// For this account
    #[arg(long, value_name = "ACCOUNT", value_delimiter = ',')]
    account: Vec<AccountId>,

    /// Under this policy: its id, or the digest of all in force
    #[arg(long, value_name = "ID|DIGEST")]
    policy: Vec<String>,

    /// With this key: the access key's id, or the API key's fingerprint
    #[arg(long, value_name = "ID|FINGERPRINT")]
    access_key: Vec<String>,

    /// Records of this kind
    #[arg(long, value_name = "EVENT", value_delimiter = ',', value_parser = word::<EventKind>())]
    event: Vec<EventKind>,
}

impl FilterArgs {
    pub(super) fn filter(&self) -> Result<Filter, Failure> {
        if let (Some(since), Some(until)) = (self.since, self.until)
            && since >= until
        {
            let message = format!("no moment is both since {since} and before {until}");
            return Err(Failure::usage(message).with_advice("give `--until` a later moment"));
        }
        Ok(Filter {
            since: self.since,
            until: self.until,
            users: self.user.clone(),
            hosts: self.host.clone(),
            methods: self.method.clone(),
            roots: self.root.clone(),
            outcomes: self.outcome.clone(),
            doors: self.door.clone(),
            codes: self.code.clone(),
            would_deny: self.would_deny,
            accounts: self.account.clone(),
            policies: self.policy.clone(),
            access_keys: self.access_key.clone(),
            events: self.event.clone(),
        })
    }
}

/// A member of a closed vocabulary: help lists them, and an error names the nearest.
pub(super) fn word<W: Word + Send + Sync>() -> impl TypedValueParser<Value = W> {
    let names = W::ALL.iter().map(|member| member.as_str());
    PossibleValuesParser::new(names).try_map(|name| W::from_word(&name).ok_or("unknown"))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    let back = || {
        let span: Span = text.trim_start_matches('-').parse().ok()?;
        Some(Timestamp::now().to_zoned(TimeZone::UTC).checked_sub(span).ok()?.timestamp())
    };
    let is_date = text.len() == "2026-01-31".len();
    let instant = text.parse().ok().or_else(|| is_date.then(day)?).or_else(back);
    instant.ok_or_else(|| "write `2026-01-31T08:00:00Z`, `2026-01-31`, `7d` or `12h`".to_owned())
}
