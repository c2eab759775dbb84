//! Journals of a test's own making, in memory.

use std::num::NonZero;

use bedrock_auth::audit::{
    CheckpointMade, CredentialUse, Door, Event, Hash, JournalNote, JournalNoted, Person,
    PolicyChange, PolicyInForce, Process, Record, Text, UseOutcome, Who, seal,
};
use bedrock_auth::journal::verify::{
    Files, KeptCheckpoint, KnownEnd, Options, Verification, verify_files,
};
use bedrock_auth::journal::{Checkpoint, Signer, Verifier};
use ed25519_dalek::SigningKey;
use jiff::{SignedDuration, Timestamp};

pub(crate) const NAME: &str = "bedrock-auth.journal/test";

/// A journal: lines with their line breaks, by segment.
#[derive(Debug, Clone)]
pub(crate) struct Journal {
    pub(crate) segments: Vec<Vec<Vec<u8>>>,
    pub(crate) head: KnownEnd,
    /// Of all records, signed.
    pub(crate) checkpoint: String,
}

pub(crate) fn signer(seed: u8) -> Signer {
    Signer::new(NAME, SigningKey::from_bytes(&[seed; 32]))
}

pub(crate) fn verifier() -> Verifier {
    signer(7).verifier()
}

impl Journal {
    /// Of so many records, so many in a segment, with a checkpoint after so many others.
    pub(crate) fn of(records: u64, in_segment: u64, between_checkpoints: u64) -> Self {
        let by = |sequence: u64| sequence.is_multiple_of(between_checkpoints).then_some(7);
        Journal::signed_by(records, in_segment, by)
    }

    /// Of so many records, so many in a segment, and those are checkpoints for which there is the seed of a key.
    pub(crate) fn signed_by(records: u64, in_segment: u64, by: impl Fn(u64) -> Option<u8>) -> Self {
        let mut segments = vec![Vec::new()];
        let mut previous = Hash::NONE;
        for sequence in 1..=records {
            if segments.last().is_some_and(|segment| segment.len() as u64 == in_segment) {
                segments.push(Vec::new());
            }
            let event = match (sequence, by(sequence)) {
                (1, _) => note(JournalNoted::Begun, None),
                (_, Some(seed)) => checkpoint(sequence - 1, previous, seed),
                _ if sequence % 3 == 0 => policy(sequence),
                _ => credential(sequence),
            };
            let (line, hash) = line(sequence, previous, event);
            segments.last_mut().unwrap().push(line);
            previous = hash;
        }
        let head = KnownEnd { sequence: records, hash: previous };
        let last = Checkpoint { origin: NAME.to_owned(), records, hash: previous };
        Journal { segments, head, checkpoint: last.sign(&signer(7)) }
    }

    pub(crate) fn records(&self) -> u64 {
        self.head.sequence
    }

    /// The segment and the place in it of a record.
    pub(crate) fn place(&self, record: u64) -> (usize, usize) {
        let mut before = 0;
        for (number, segment) in self.segments.iter().enumerate() {
            if record - 1 < before + segment.len() as u64 {
                return (number, usize::try_from(record - 1 - before).unwrap());
            }
            before += segment.len() as u64;
        }
        panic!("no record {record}");
    }

    pub(crate) fn line_mut(&mut self, record: u64) -> &mut Vec<u8> {
        let (segment, at) = self.place(record);
        &mut self.segments[segment][at]
    }

    pub(crate) fn line(&self, record: u64) -> &[u8] {
        let (segment, at) = self.place(record);
        &self.segments[segment][at]
    }

    pub(crate) fn remove(&mut self, record: u64) -> Vec<u8> {
        let (segment, at) = self.place(record);
        self.segments[segment].remove(at)
    }

    /// Puts a line before that of a record.
    pub(crate) fn insert(&mut self, record: u64, line: Vec<u8>) {
        let (segment, at) = self.place(record);
        self.segments[segment].insert(at, line);
    }

    pub(crate) fn swap(&mut self, one: u64, other: u64) {
        let line = self.line(one).to_vec();
        let line = std::mem::replace(self.line_mut(other), line);
        *self.line_mut(one) = line;
    }

    /// The files, by name.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let segments = self.segments.iter().enumerate();
        segments
            .map(|(number, lines)| (format!("journal-{:06}.jsonl", number + 1), lines.concat()))
            .collect()
    }

    /// What a person has who kept nothing: the chain and the key.
    pub(crate) fn options(&self) -> Options {
        Options { verifiers: vec![verifier()], ..Options::default() }
    }

    pub(crate) fn verify(&self) -> Verification {
        self.verify_with(&Options { known_end: Some(self.head), ..self.options() })
    }

    pub(crate) fn verify_with(&self, options: &Options) -> Verification {
        verify_texts(self.files(), options)
    }

    pub(crate) fn kept(&self) -> Vec<KeptCheckpoint> {
        vec![KeptCheckpoint { from: "kept".to_owned(), note: self.checkpoint.clone() }]
    }
}

pub(crate) fn verify_texts(files: Vec<(String, Vec<u8>)>, options: &Options) -> Verification {
    verify_files(&Files::in_memory(files), options).unwrap()
}

/// Small blocks, so that every line meets the border of one.
pub(crate) fn in_blocks(bytes: u64, options: Options) -> Options {
    Options { block: NonZero::new(bytes).unwrap(), ..options }
}

pub(crate) fn line(sequence: u64, previous: Hash, event: Event) -> (Vec<u8>, Hash) {
    let seconds = i64::try_from(sequence).unwrap();
    let time = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
    let mut line = Vec::new();
    let hash =
        seal(&Record { schema_version: 1, sequence, previous, time, event: &event }, &mut line);
    (line, hash)
}

pub(crate) fn checkpoint(records: u64, hash: Hash, seed: u8) -> Event {
    let checkpoint = Checkpoint { origin: NAME.to_owned(), records, hash };
    Event::Checkpoint(CheckpointMade { checkpoint: checkpoint.sign(&signer(seed)) })
}

pub(crate) fn note(noted: JournalNoted, records: Option<(u64, u64)>) -> Event {
    Event::Journal(JournalNote {
        noted,
        journal: Text::new(NAME),
        segment: Text::new("journal-000001.jsonl"),
        verifier: Some(Text::new(&verifier().to_string())),
        bytes: None,
        kept_in: None,
        records,
    })
}

fn who(sequence: u64) -> Who {
    Who {
        user: Person {
            name: Some(Text::new(&format!("person-{}", sequence % 17))),
            uid: Some(1000),
        },
        host: Some(Text::new("host")),
        process: Process { pid: Some(7), uid: None, executable: Some(Text::new("/usr/bin/zed")) },
        caller: None,
    }
}

pub(crate) fn policy(sequence: u64) -> Event {
    let policy = PolicyInForce::default();
    Event::Policy(PolicyChange { who: who(sequence), policy, changed_from: None })
}

fn credential(sequence: u64) -> Event {
    Event::Credential(Box::new(CredentialUse {
        outcome: UseOutcome::Failed,
        door: Door::Exec,
        who: who(sequence),
        what_if: false,
        method: None,
        root: None,
        profile: None,
        source: None,
        account: None,
        access_key_id: None,
        fingerprint: None,
        region: Text::new("eu-west-1"),
        endpoint: None,
        expires: None,
        denials: Vec::new(),
        would_deny: Vec::new(),
        passed_over: Vec::new(),
        left_out: 0,
        reason: Some(Text::new("no \"such\" thing\n\u{e9}")),
        policy: PolicyInForce::default(),
    }))
}

/// The line with its own hash made anew, as somebody does who knows how.
pub(crate) fn resealed(line: &[u8]) -> Vec<u8> {
    let hash = line.windows(9).rposition(|part| part == b",\"hash\":\"").unwrap();
    let body = &line[..hash];
    [body, format!(",\"hash\":\"{}\"}}\n", Hash::of(body)).as_bytes()].concat()
}
