//! Journals that are made up, the same for the same seed.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use bedrock_auth::audit::{
    Caller, CheckpointMade, CredentialUse, DenialNote, Door, Event, Fingerprint, Hash, JournalNote,
    JournalNoted, Known, PassedOver, Person, PolicyChange, PolicyInForce, Process, Record, Text,
    UseOutcome, Who, seal,
};
use bedrock_auth::auth::{AccessKeyId, Method, Root};
use bedrock_auth::journal::{Checkpoint, Signer};
use bedrock_auth::policy::{DenialCode, Identity, ManagedSource, Policy};
use bedrock_auth::provenance::{Layer, Place, Position, Source};
use bedrock_auth::resolve::{Fate, Turn};
use jiff::{SignedDuration, Timestamp};

/// What the journals are called.
pub(crate) const NAME: &str = "bedrock-auth.journal/x";

/// What people and machines are called; the second half is what nobody should be.
const NAMES: [&str; 12] = [
    "ann",
    "bob",
    "carol",
    "dave",
    "erin",
    "frank",
    "=cmd|' /C calc'!A0",
    "@eve",
    "zoë \u{1f600}",
    "a\"b\\c,d\ne\tf",
    "\u{1b}[31mroot\u{202e}",
    "\"method\":\"sso\"",
];

/// The policies of a machine at some time; none at first.
fn policies(stage: u64) -> PolicyInForce {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let files = (0..stage).map(|rank| {
        let text =
            format!(r#"{{ "schema_version": 1, "id": "corp-{rank}", "revision": {stage} }}"#);
        let path = Path::new("/etc/bedrock-auth/policy.d").join(format!("{rank}.json"));
        let source = ManagedSource::of_bytes(rank as u32, path, text.into_bytes());
        Policy::of(&source, &Identity::default(), now)
    });
    PolicyInForce::of(&Policy::meet_all(files))
}

/// Makes records, each after the one before.
pub(crate) struct Generator {
    state: u64,
    sequence: u64,
    previous: Hash,
    time: Timestamp,
    names: &'static [&'static str],
    /// How many people there are, where they behave as people do.
    people: Option<u64>,
    policies: Vec<PolicyInForce>,
    /// How many notes about the journal there are.
    notes: usize,
}

impl Generator {
    /// With names of every kind.
    pub(crate) fn new(seed: u64) -> Self {
        Generator {
            state: seed,
            sequence: 0,
            previous: Hash::NONE,
            time: "2026-01-01T00:00:00Z".parse().unwrap(),
            names: &NAMES,
            people: None,
            policies: (0..4).map(policies).collect(),
            notes: 0,
        }
    }

    /// As a company has it: people with one or two machines and a way that they prefer, under policies that seldom change.
    pub(crate) fn plain(seed: u64) -> Self {
        Generator { names: &NAMES[..6], people: Some(600), ..Generator::new(seed) }
    }

    /// The number of the last record.
    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The next record as a line, with its line break.
    pub(crate) fn line(&mut self, line: &mut Vec<u8>) -> Hash {
        self.sequence += 1;
        // Now and then a clock is set back.
        let step = if self.one_in(50) { -3_000 } else { self.below(200_000) as i64 };
        let micros = step * 1_000 + self.below(1_000) as i64;
        self.time += SignedDuration::from_micros(micros);
        let event = self.event();
        self.seal(&event, line)
    }

    /// All records so far, signed, as the next record; and the note.
    pub(crate) fn checkpoint(&mut self, signer: &Signer, line: &mut Vec<u8>) -> String {
        let (records, hash) = (self.sequence, self.previous);
        let checkpoint = Checkpoint { origin: NAME.to_owned(), records, hash }.sign(signer);
        self.sequence += 1;
        self.seal(&Event::Checkpoint(CheckpointMade { checkpoint: checkpoint.clone() }), line);
        checkpoint
    }

    fn seal(&mut self, event: &Event, line: &mut Vec<u8>) -> Hash {
        let record = Record {
            schema_version: 1,
            sequence: self.sequence,
            previous: self.previous,
            time: self.time,
            event,
        };
        self.previous = seal(&record, line);
        self.previous
    }

    /// The next records as lines.
    pub(crate) fn lines(&mut self, records: u64) -> Vec<u8> {
        let mut lines = Vec::new();
        for _ in 0..records {
            self.line(&mut lines);
        }
        lines
    }

    /// The next records in segments of so many.
    pub(crate) fn journal(&mut self, directory: &Path, records: u64, a_segment: u64) {
        fs::create_dir_all(directory).unwrap();
        let mut left = records;
        for number in 1.. {
            let here = left.min(a_segment);
            let path = directory.join(format!("journal-{number:06}.jsonl"));
            fs::write(path, self.lines(here)).unwrap();
            left -= here;
            if left == 0 {
                break;
            }
        }
    }

    fn event(&mut self) -> Event {
        match (self.sequence, self.below(100)) {
            (1, _) => self.note(JournalNoted::Begun),
            (_, 0) => {
                // One after the other, so that none is missing from a long journal.
                let noted = JournalNoted::ALL[self.notes % JournalNoted::ALL.len()];
                self.notes += 1;
                self.note(noted)
            }
            (_, 1) => Event::Checkpoint(CheckpointMade {
                checkpoint: format!("{NAME}\n{}\nAAAA\n\n\u{2014} x y\n", self.sequence),
            }),
            (_, 2 | 3) => {
                let person = self.person();
                Event::Policy(PolicyChange {
                    who: self.who(person),
                    policy: self.policy(),
                    changed_from: self.one_in(2).then_some(self.sequence / 2),
                })
            }
            _ => Event::Credential(Box::new(self.credential())),
        }
    }

    fn note(&mut self, noted: JournalNoted) -> Event {
        Event::Journal(JournalNote {
            noted,
            journal: Text::new(NAME),
            segment: Text::new("journal-000001.jsonl"),
            verifier: None,
            bytes: self.one_in(2).then_some(17),
            kept_in: None,
            records: None,
        })
    }

    fn credential(&mut self) -> CredentialUse {
        let outcome = match self.below(10) {
            0 | 1 => UseOutcome::Denied,
            2 => self.one_of(&[UseOutcome::Unconfigured, UseOutcome::Failed]),
            _ => UseOutcome::Allowed,
        };
        let person = self.person();
        let who = self.who(person);
        // Most people have one way, and try another now and then.
        let is_usual = self.people.is_some() && !self.one_in(20);
        let root = match is_usual {
            true => Root::ALL[person as usize % Root::ALL.len()],
            false => self.one_of(Root::ALL),
        };
        let method = match root {
            Root::LongLivedKeys | Root::TemporaryKeys => Method::IamCredentials,
            Root::Sso => Method::Sso,
            Root::ShortTermApiKey | Root::LongTermApiKey => Method::ApiKey,
            Root::CredentialProcess => Method::NamedProfile,
            _ => Method::Automatic,
        };
        let key = self.below(40);
        let is_api_key = method == Method::ApiKey;
        let configured = outcome != UseOutcome::Unconfigured;
        let account = format!("{:012}", 111_122_223_333 + self.below(20));
        CredentialUse {
            left_out: 0,
            outcome,
            door: self.one_of(Door::ALL),
            who,
            what_if: self.one_in(30),
            method: configured.then_some(method),
            root: configured.then_some(root),
            profile: (method == Method::NamedProfile).then(|| self.text()),
            source: configured.then(|| self.source()),
            account: self.one_in(2).then(|| account.parse().unwrap()),
            access_key_id: (!is_api_key && configured)
                .then(|| AccessKeyId::new(format!("AKIA{:016}", 1_000 + key))),
            fingerprint: (is_api_key && configured)
                .then(|| Fingerprint::from_bytes([key as u8; 16])),
            region: Text::new(self.one_of(&["eu-west-1", "us-east-1", "eu-central-1"])),
            endpoint: self
                .one_in(10)
                .then(|| Text::new("https://bedrock-runtime.eu-west-1.amazonaws.com")),
            expires: self.one_in(2).then_some(self.time),
            denials: if outcome == UseOutcome::Denied { self.reasons() } else { Vec::new() },
            would_deny: if self.one_in(20) { self.reasons() } else { Vec::new() },
            passed_over: if self.one_in(3) { self.passed_over() } else { Vec::new() },
            reason: (outcome == UseOutcome::Failed).then(|| self.text()),
            policy: self.policy(),
        }
    }

    fn person(&mut self) -> u64 {
        self.below(self.people.unwrap_or(self.names.len() as u64))
    }

    fn who(&mut self, person: u64) -> Who {
        Who {
            user: Person {
                name: (!self.one_in(40)).then(|| Text::new(&self.name_of(person))),
                uid: Some(1000 + person as u32),
            },
            host: (!self.one_in(40)).then(|| self.host_of(person)),
            process: self.process("/usr/bin/bedrock-auth"),
            caller: self.one_in(2).then(|| Caller {
                known_by: self.one_of(Known::ALL),
                process: self.process("/opt/editor/bin/editor, \"new\""),
            }),
        }
    }

    fn name_of(&self, person: u64) -> String {
        let names = self.names.len() as u64;
        let name = self.names[(person % names) as usize];
        if person < names { name.to_owned() } else { format!("{name}-{}", person / names) }
    }

    fn host_of(&mut self, person: u64) -> Text {
        let (name, machine) = match self.people {
            Some(_) => (self.name_of(person), u64::from(self.one_in(10))),
            None => (self.name().to_owned(), self.below(30)),
        };
        Text::new(&format!("{name}-laptop-{machine}"))
    }

    fn process(&mut self, executable: &str) -> Process {
        Process {
            pid: Some(self.below(60_000) as u32),
            uid: self.one_in(2).then_some(1000),
            executable: (!self.one_in(10)).then(|| Text::new(executable)),
        }
    }

    fn source(&mut self) -> Source {
        let layer = self.one_of(Layer::ALL);
        let place = match layer {
            Layer::Managed | Layer::User => {
                let path: Arc<Path> =
                    Path::new("/home/ann/.config/bedrock-auth/settings, \"mine\".json").into();
                Place::in_file(&path, Position { line: 1 + self.below(40) as u32, column: 3 })
            }
            Layer::Environment => Place::variable("ZED_ACCESS_KEY_ID"),
            Layer::Keychain => Place::KeychainItem("bedrock-auth".into()),
        };
        Source::new(layer, place)
    }

    fn reasons(&mut self) -> Vec<DenialNote> {
        let count = 1 + self.below(3);
        let reason = |generator: &mut Self| DenialNote {
            code: generator.one_of(DenialCode::ALL),
            policy_id: generator.policy().sources.first().and_then(|source| source.id.clone()),
            forbidden_by: Some(Place::whole_file("/etc/bedrock-auth/policy.json")),
        };
        (0..count).map(|_| reason(self)).collect()
    }

    fn passed_over(&mut self) -> Vec<PassedOver> {
        vec![PassedOver {
            step: self.one_of(Turn::ALL),
            method: Some(self.one_of(Method::ALL)),
            source: Some(self.source()),
            fate: Fate::Denied,
            code: None,
            denial_codes: vec![self.one_of(DenialCode::ALL)],
        }]
    }

    fn policy(&mut self) -> PolicyInForce {
        let stages = self.policies.len() as u64;
        let which = match self.people {
            Some(_) => self.sequence / 50_000 % stages,
            None => self.below(stages),
        };
        self.policies[which as usize].clone()
    }

    fn name(&mut self) -> &'static str {
        self.one_of(self.names)
    }

    fn text(&mut self) -> Text {
        Text::new(self.name())
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// SplitMix64.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
