//! The clock against the times of files, and against that of a server.

use bedrock_auth::doctor::{Check, examine};
use bedrock_auth::load::{Clock, Machine};
use jiff::{SignedDuration, Timestamp};

use crate::files::SETTINGS;
use crate::support::aws::handed::Handed;
use crate::support::aws::request::Request;
use crate::support::aws::server::{Answer as Served, Log, Protocol, Server};
use crate::support::aws::sts::Sts;
use crate::support::program::Answer;
use crate::{KEY, Person, about};

/// STS with another clock than ours.
struct OtherClock {
    sts: Sts,
    ahead_of_ours: SignedDuration,
    refuses: bool,
}

impl Protocol for OtherClock {
    fn answer(&self, request: &Request) -> Option<Served> {
        let answer = self.sts.answer(request)?;
        let date = Timestamp::now() + self.ahead_of_ours;
        let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let answer = match self.refuses {
            true => Served {
                status: 403,
                ..Served::error("GetCallerIdentity", 403, "SignatureDoesNotMatch")
            },
            false => answer,
        };
        Some(Served { header: Some(("date", date)), ..answer })
    }
}

/// What the doctor says where the clock of STS is so many seconds ahead.
pub(crate) fn online(ahead: i64, refuses: bool) -> Answer {
    online_as(ahead, refuses, "123456789012")
}

/// The same, where STS says that the credentials are of this account.
pub(crate) fn online_as(ahead: i64, refuses: bool, account: &str) -> Answer {
    let sts = Sts { hands_out: Handed::temporary("ASIAQAAAAAAAGMKEM7X5", account) };
    let ahead_of_ours = SignedDuration::from_secs(ahead);
    let server =
        Server::start(Log::default(), vec![Box::new(OtherClock { sts, ahead_of_ours, refuses })]);
    let settings = r#"{ "authentication_method": "named_profile", "profile": "tool" }"#;
    let config =
        format!("[profile tool]\naws_access_key_id = {KEY}\naws_secret_access_key = hush\n");
    let files = [(SETTINGS, settings), (".aws/config", &config)];
    let person = Person::with(&files, &[("AWS_ENDPOINT_URL_STS", &server.url())]);
    person.asks_the_doctor(&["--json", "--online"])
}

/// A person whose settings were written in what is the future by this clock.
pub(crate) fn settings_of_tomorrow() -> Person {
    let person = Person::with(&[(SETTINGS, "{}")], &[]);
    let settings = std::fs::File::options().append(true).open(person.path(SETTINGS)).unwrap();
    let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
    settings.set_modified(tomorrow.into()).unwrap();
    person
}

pub(crate) fn long_ago() -> Vec<Check> {
    let machine = Machine::empty().with_clock(Clock::At("2020-01-01T00:00:00Z".parse().unwrap()));
    examine(&machine, &machine.resolve())
}

#[test]
fn a_clock_that_agrees_is_fine() {
    for ahead in [-50, 0, 50] {
        let answer = online(ahead, false);
        let told = about(&answer, "clock");
        assert_eq!(told[1], "clock fine the clock agrees with that of AWS", "{answer:?}");
    }
}

#[test]
fn a_clock_that_is_off_is_told_with_its_direction() {
    for (ahead, state, direction) in [
        (120, "warning", "seconds behind that of AWS"),
        (-120, "warning", "seconds ahead of that of AWS"),
        (3_600, "problem", "seconds behind that of AWS, which refuses signatures"),
        (-3_600, "problem", "seconds ahead of that of AWS, which refuses signatures"),
    ] {
        let answer = online(ahead, false);
        let told = &about(&answer, "clock")[1];
        assert!(told.starts_with(&format!("clock {state} the clock is ")), "{told}");
        assert!(told.contains(direction), "{told}");
        assert_eq!(answer.code, i32::from(state == "problem"));
    }
}

/// A refusal for a bad signature is the very case in which the clock is worth a look.
#[test]
fn a_refusal_tells_the_time_too() {
    let answer = online(-3_600, true);
    assert!(about(&answer, "clock")[1].contains("ahead of that of AWS"), "{answer:?}");
    assert!(about(&answer, "caller")[0].starts_with("caller problem "), "{answer:?}");
}

#[test]
fn files_of_the_future_speak_against_the_clock() {
    let person = settings_of_tomorrow();
    let answer = person.asks_the_doctor(&["--json"]);
    let told = &about(&answer, "clock")[0];
    assert!(told.starts_with("clock warning the clock says "), "{told}");
    assert!(told.contains("settings.json"), "{told}");
}
