//! Checkpoints: signed notes as C2SP describes them (c2sp.org/signed-note, c2sp.org/tlog-checkpoint).
//!
//! The text has a checkpoint's three lines: the journal, the number of records, and a hash. A journal is a chain and no
//! tree, so the hash is that of the last record; that two checkpoints are of one journal is shown by its records.

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::audit::Hash;

/// C2SP's number of Ed25519.
const ED25519: u8 = 1;

/// How the line of a signature begins: an em dash and a space.
const SIGNATURE: &str = "\u{2014} ";

/// How many records a journal has, and the hash of the last one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The journal's name.
    pub origin: String,
    /// How many records it has.
    pub records: u64,
    /// The hash of the last one.
    pub hash: Hash,
}

/// A public key of checkpoints, with its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: VerifyingKey,
}

/// A private key of checkpoints, with its name.
pub struct Signer {
    name: String,
    key: SigningKey,
}

/// Why a text is no checkpoint that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoteError {
    /// It does not have the form of a signed note.
    Form,
    /// It is a signed note, and no checkpoint.
    NotACheckpoint,
    /// None of its signatures is of a key that is known.
    UnknownKey,
    /// A signature is of a known key, and false.
    Forged,
    /// The text of a key is none.
    NotAKey,
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoteError::Form => "it is no signed note",
            NoteError::NotACheckpoint => "it is no checkpoint",
            NoteError::UnknownKey => "it is signed with another key",
            NoteError::Forged => "its signature is false",
            NoteError::NotAKey => "it is no verifier key of Ed25519",
        })
    }
}

impl std::error::Error for NoteError {}

impl Checkpoint {
    /// The text that is signed.
    fn text(&self) -> String {
        let hash = BASE64.encode(self.hash.as_bytes());
        format!("{}\n{}\n{hash}\n", self.origin, self.records)
    }

    /// Signs it.
    pub fn sign(&self, signer: &Signer) -> String {
        let text = self.text();
        let verifier = signer.verifier();
        let mut signature = verifier.id().to_vec();
        signature.extend(signer.key.sign(text.as_bytes()).to_bytes());
        format!("{text}\n{SIGNATURE}{} {}\n", signer.name, BASE64.encode(&signature))
    }

    /// Reads a signed checkpoint, by one of these keys.
    ///
    /// # Errors
    /// When it is no checkpoint, or none of these keys has signed it.
    pub fn open(note: &str, verifiers: &[Verifier]) -> Result<Self, NoteError> {
        // Text and signatures are told apart by the last empty line.
        let (text, signatures) = note.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let text = format!("{text}\n");
        let signatures = signatures.strip_suffix('\n').ok_or(NoteError::Form)?;
        let mut is_known = false;
        for line in signatures.split('\n') {
            let line = line.strip_prefix(SIGNATURE).ok_or(NoteError::Form)?;
            let (name, signature) = line.split_once(' ').ok_or(NoteError::Form)?;
            let signature = BASE64.decode(signature.as_bytes()).map_err(|_| NoteError::Form)?;
            let (id, signature) = signature.split_at_checked(4).ok_or(NoteError::Form)?;
            for verifier in verifiers.iter().filter(|v| v.name == name && v.id() == id) {
                let signature = Signature::from_slice(signature).map_err(|_| NoteError::Forged)?;
                let verified = verifier.key.verify_strict(text.as_bytes(), &signature);
                verified.map_err(|_| NoteError::Forged)?;
                is_known = true;
            }
        }
        if !is_known {
            return Err(NoteError::UnknownKey);
        }
        Checkpoint::of_text(&text).ok_or(NoteError::NotACheckpoint)
    }

    /// Further lines may follow, which C2SP leaves to extensions.
    fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty())?.to_owned();
        let records = lines.next()?;
        let is_plain = records == "0" || records.starts_with(|c: char| ('1'..='9').contains(&c));
        let records = is_plain.then(|| records.parse().ok())??;
        let hash = BASE64.decode(lines.next()?.as_bytes()).ok()?;
        let hash = Hash::from_bytes(hash.try_into().ok()?);
        Some(Checkpoint { origin, records, hash })
    }
}

impl Verifier {
    /// Reads a key as C2SP writes it: `<name>+<id>+<key>`.
    ///
    /// # Errors
    /// When it is none, or of another kind than Ed25519.
    pub fn from_text(text: &str) -> Result<Self, NoteError> {
        let read = || {
            let mut parts = text.trim_end().splitn(3, '+');
            let (name, id, key) = (parts.next()?, parts.next()?, parts.next()?);
            let key = BASE64.decode(key.as_bytes()).ok()?;
            let (kind, key) = key.split_first()?;
            let key = VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
            let is_plain = !name.is_empty() && !name.contains(char::is_whitespace);
            let verifier = Verifier { name: name.to_owned(), key };
            let is_whole = is_plain && *kind == ED25519 && verifier.id_text() == id;
            is_whole.then_some(verifier)
        };
        read().ok_or(NoteError::NotAKey)
    }

    /// The name of the key, which is that of its journal.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn id(&self) -> [u8; 4] {
        let mut hash = Sha256::new();
        hash.update(self.name.as_bytes());
        hash.update([b'\n', ED25519]);
        hash.update(self.key.as_bytes());
        let hash: [u8; 32] = hash.finalize().into();
        [hash[0], hash[1], hash[2], hash[3]]
    }

    fn id_text(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.id())
    }
}

/// As C2SP writes it.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key = vec![ED25519];
        key.extend(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, self.id_text(), BASE64.encode(&key))
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Signer {
    /// A key under a name.
    pub fn new(name: impl Into<String>, key: SigningKey) -> Self {
        Signer { name: name.into(), key }
    }

    /// The name of the key, which is that of its journal.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name.clone(), key: self.key.verifying_key() }
    }
}

/// Without the key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use signed_note::{Note, StandardVerifier, VerifierList};

    use super::*;

    fn signer() -> Signer {
        Signer::new("bedrock-auth.journal/x", SigningKey::from_bytes(&[7; 32]))
    }

    fn checkpoint() -> Checkpoint {
        let origin = "bedrock-auth.journal/x".to_owned();
        Checkpoint { origin, records: 42, hash: Hash::of(b"last") }
    }

    #[test]
    fn what_is_signed_opens_by_its_key_alone() {
        let (checkpoint, signer) = (checkpoint(), signer());
        let note = checkpoint.sign(&signer);
        let verifier = Verifier::from_text(&signer.verifier().to_string()).unwrap();
        assert_eq!(Checkpoint::open(&note, std::slice::from_ref(&verifier)), Ok(checkpoint));
        let other = Signer::new("bedrock-auth.journal/x", SigningKey::from_bytes(&[8; 32]));
        assert_eq!(Checkpoint::open(&note, &[other.verifier()]), Err(NoteError::UnknownKey));
        for at in 0..note.len() {
            let mut changed = note.clone().into_bytes();
            changed[at] ^= 1;
            let Ok(changed) = String::from_utf8(changed) else { continue };
            assert!(Checkpoint::open(&changed, std::slice::from_ref(&verifier)).is_err(), "{at}");
        }
    }

    /// Somebody else's implementation of the same pages.
    #[test]
    fn another_implementation_opens_it() {
        let note = checkpoint().sign(&signer());
        let verifier = StandardVerifier::new(&signer().verifier().to_string()).unwrap();
        let verifiers = VerifierList::new(vec![Box::new(verifier)]);
        let note = Note::from_bytes(note.as_bytes()).unwrap();
        let (verified, unverified) = note.verify(&verifiers).unwrap();
        assert_eq!((verified.len(), unverified.len()), (1, 0));
        assert_eq!(note.text(), checkpoint().text().as_bytes());
    }
}
