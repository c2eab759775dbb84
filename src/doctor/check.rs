//! One check, and the codes of what checks find.

use schemars::JsonSchema;
use serde::Serialize;

use crate::policy::Denial;
use crate::provenance::Place;
use crate::resolve::Warning;
use crate::words::words;

words! {
    /// What a check looks at.
    pub enum Subject {
        /// The managed policy files: there, readable, owned by root.
        Policy = "policy",
        /// The person's settings.
        Settings = "settings",
        /// AWS's config and credentials files, and the cached sign-ins.
        AwsFiles = "aws_files",
        /// This program itself.
        Program = "program",
        /// The clock.
        Clock = "clock",
        /// The keychain.
        Keychain = "keychain",
        /// The audit journal, where decisions are recorded.
        Audit = "audit",
        /// Certificates and proxies.
        Network = "network",
        /// Variables and profile keys that would mislead an AWS SDK.
        Ambient = "ambient",
        /// Whether somebody is signed in where the answer needs it.
        SignIn = "sign_in",
        /// The answer of this machine.
        Answer = "answer",
        /// Whom AWS takes the credentials for.
        Caller = "caller",
    }
}

words! {
    /// How a check came out.
    pub enum CheckState {
        /// Nothing to do.
        Fine = "fine",
        /// Worth knowing.
        Warning = "warning",
        /// Something does not work, or is not safe, until it is mended.
        Problem = "problem",
    }
}

words! {
    /// What a check found.
    pub enum CheckCode {
        /// A managed policy file is in a state that denies everything.
        PolicyUnusable = "policy_unusable",
        /// The settings file has a fault, and nothing in it counts.
        SettingsFaulty = "settings_faulty",
        /// A key of the settings file means nothing.
        SettingUnknown = "setting_unknown",
        /// A file of the person's belongs to another user.
        FileOfAnother = "file_of_another",
        /// The mode of a file that holds secrets lets others read it.
        FileReadableByOthers = "file_readable_by_others",
        /// The mode of a file or directory lets others change it.
        FileWritableByOthers = "file_writable_by_others",
        /// A file is there and cannot be read.
        FileUnreadable = "file_unreadable",
        /// Others could replace this program.
        ProgramReplaceable = "program_replaceable",
        /// The clock is before any release of this program.
        ClockBeforeRelease = "clock_before_release",
        /// The clock is before the last change of a file that is read.
        ClockBehindFiles = "clock_behind_files",
        /// The system's time service has not set the clock yet.
        ClockNotSynchronized = "clock_not_synchronized",
        /// The clock is more than a minute off AWS's.
        ClockDrifts = "clock_drifts",
        /// The clock is more than five minutes off AWS's, and AWS refuses such signatures.
        ClockSkewed = "clock_skewed",
        /// There is no keychain in this session.
        KeychainAbsent = "keychain_absent",
        /// The keychain is locked.
        KeychainLocked = "keychain_locked",
        /// The keychain does not answer.
        KeychainTimedOut = "keychain_timed_out",
        /// The keychain answers with an error.
        KeychainFailed = "keychain_failed",
        /// The keychain item is not in the right form.
        KeychainItemUnusable = "keychain_item_unusable",
        /// No audit record can be written.
        JournalUnwritable = "journal_unwritable",
        /// A key of the audit journal cannot be used.
        JournalKeyUnusable = "journal_key_unusable",
        /// Certificates that a variable names cannot be used.
        CaBundleUnusable = "ca_bundle_unusable",
        /// A proxy that a variable names cannot be used.
        ProxyUnusable = "proxy_unusable",
        /// A variable or profile key would mislead an AWS SDK.
        AmbientNeutralised = "ambient_neutralised",
        /// Nobody is signed in where the answer needs it.
        SignInNeeded = "sign_in_needed",
        /// What was asked for is denied.
        AnswerDenied = "answer_denied",
        /// There is no way to authenticate.
        AnswerUnconfigured = "answer_unconfigured",
        /// AWS takes the credentials for others than was foreseen.
        CallerDiffers = "caller_differs",
        /// AWS could not say whose the credentials are.
        CallerUnknown = "caller_unknown",
        /// AWS cannot be asked whose an API key is.
        CallerNotAsked = "caller_not_asked",
    }
}

impl CheckCode {
    /// How bad it is.
    pub fn state(self) -> CheckState {
        match self {
            CheckCode::SettingsFaulty
            | CheckCode::SettingUnknown
            | CheckCode::FileOfAnother
            | CheckCode::ProgramReplaceable
            | CheckCode::ClockBehindFiles
            | CheckCode::ClockNotSynchronized
            | CheckCode::ClockDrifts
            | CheckCode::KeychainAbsent
            | CheckCode::KeychainLocked
            | CheckCode::CaBundleUnusable
            | CheckCode::ProxyUnusable
            | CheckCode::AmbientNeutralised
            | CheckCode::CallerNotAsked => CheckState::Warning,
            CheckCode::PolicyUnusable
            | CheckCode::FileReadableByOthers
            | CheckCode::FileWritableByOthers
            | CheckCode::FileUnreadable
            | CheckCode::ClockBeforeRelease
            | CheckCode::ClockSkewed
            | CheckCode::KeychainTimedOut
            | CheckCode::KeychainFailed
            | CheckCode::KeychainItemUnusable
            | CheckCode::JournalUnwritable
            | CheckCode::JournalKeyUnusable
            | CheckCode::SignInNeeded
            | CheckCode::AnswerDenied
            | CheckCode::AnswerUnconfigured
            | CheckCode::CallerDiffers
            | CheckCode::CallerUnknown => CheckState::Problem,
        }
    }
}

impl CheckCode {
    /// For a finding that brings no remedy of its own.
    fn usual_remedy(self) -> Option<String> {
        let remedy = "mend the settings file; until then nothing in it counts";
        (self == CheckCode::SettingsFaulty).then(|| remedy.to_owned())
    }
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// What was looked at.
    pub subject: Subject,
    /// How it came out.
    pub state: CheckState,
    /// What was found, as a stable code; absent where there is nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<CheckCode>,
    /// What was found, in words.
    pub message: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Place>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The files and directories that were looked at, with their owners, from the root directory on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<Owner>,
}

/// Who owns a file or directory, and its mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Owner {
    /// The file or directory, links resolved.
    pub path: String,
    /// The owner's login name, or number where there is no name.
    pub owner: String,
    /// The permission bits in octal digits.
    pub mode: String,
}

impl Check {
    /// A check that came out well.
    pub fn fine(subject: Subject, message: impl Into<String>) -> Self {
        Check {
            subject,
            state: CheckState::Fine,
            code: None,
            message: message.into(),
            at: None,
            remedy: None,
            owners: Vec::new(),
        }
    }

    /// A check that found something.
    pub fn found(subject: Subject, code: CheckCode, message: impl Into<String>) -> Self {
        Check { state: code.state(), code: Some(code), ..Check::fine(subject, message) }
    }

    /// With what to do about it.
    #[must_use]
    pub fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Check { remedy: Some(remedy.into()), ..self }
    }

    pub(super) fn warning(subject: Subject, code: CheckCode, warning: &Warning) -> Self {
        Check {
            at: warning.source.as_ref().map(|source| source.place.clone()),
            remedy: warning.remedy.clone().or_else(|| code.usual_remedy()),
            ..Check::found(subject, code, &warning.message)
        }
    }

    pub(super) fn denial(denial: &Denial) -> Self {
        Check {
            at: denial.requested_at.as_ref().map(|source| source.place.clone()),
            remedy: Some(denial.remedy.clone()),
            ..Check::found(Subject::Answer, CheckCode::AnswerDenied, &denial.message)
        }
    }
}
