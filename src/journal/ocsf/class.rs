//! Which class of events a record belongs to, and how much it matters.

use crate::journal::query::View;

pub(super) struct Class {
    pub(super) uid: u32,
    pub(super) name: &'static str,
    pub(super) category: &'static str,
    pub(super) activity: u32,
    pub(super) activity_name: String,
    pub(super) severity: u32,
    pub(super) message: String,
    /// The profiles whose attributes an event of the class has.
    pub(super) profiles: &'static [&'static str],
}

const INFORMATIONAL: u32 = 1;
const LOW: u32 = 2;
const MEDIUM: u32 = 3;
const HIGH: u32 = 4;

pub(super) fn severity_name(severity: u32) -> &'static str {
    match severity {
        INFORMATIONAL => "Informational",
        LOW => "Low",
        MEDIUM => "Medium",
        HIGH => "High",
        _ => "Unknown",
    }
}

impl Class {
    pub(super) fn of(record: &View<'_>) -> Self {
        match &*record.event {
            "credential" => Class::of_credential(record),
            "policy" => Class::of_policy(record),
            _ => Class::of_log(record),
        }
    }

    fn of_credential(record: &View<'_>) -> Self {
        let outcome = record.outcome.as_deref().unwrap_or("unknown");
        let severity = match outcome {
            "denied" => MEDIUM,
            "failed" => LOW,
            _ if !record.would_deny.is_empty() => LOW,
            _ => INFORMATIONAL,
        };
        let method = record.method.as_deref().unwrap_or("no method");
        let door = record.door.as_deref().unwrap_or("unknown");
        Class {
            uid: 3002,
            name: "Authentication",
            category: "Identity & Access Management",
            // The others are log-ons and tickets of Kerberos.
            activity: 99,
            activity_name: "Hand Out Credential".to_owned(),
            severity,
            message: format!("{outcome}: a credential of {method} for {door}"),
            profiles: &["cloud", "host", "security_control"],
        }
    }

    fn of_policy(record: &View<'_>) -> Self {
        let is_any = record.policy.as_ref().is_some_and(|policy| policy.digest.is_some());
        let (activity, name, severity, message) = match is_any {
            true => (10, "Activate", INFORMATIONAL, "other policies are in force than before"),
            false => (11, "Deactivate", MEDIUM, "no policy is in force any more"),
        };
        Class {
            uid: 3004,
            name: "Entity Management",
            category: "Identity & Access Management",
            activity,
            activity_name: name.to_owned(),
            severity,
            message: message.to_owned(),
            profiles: &["host"],
        }
    }

    fn of_log(record: &View<'_>) -> Self {
        let noted = record.noted.as_deref().unwrap_or(&record.event);
        let (activity, name, severity) = match noted {
            "begun" => (6, "Start", INFORMATIONAL),
            "segment_begun" => (5, "Rotate", INFORMATIONAL),
            "segment_gone" => (2, "Delete", MEDIUM),
            "truncated" => (1, "Clear", HIGH),
            "segment_replaced" | "tail_missing" | "key_changed" => (99, noted, HIGH),
            "torn" | "head_lost" | "sync_failed" => (99, noted, MEDIUM),
            _ => (99, noted, INFORMATIONAL),
        };
        Class {
            uid: 1008,
            name: "Event Log Activity",
            category: "System Activity",
            activity,
            activity_name: name.to_owned(),
            severity,
            message: format!("audit journal: {noted}"),
            profiles: &["host"],
        }
    }
}
