//! What a provider hands out when it is asked, and what that is in plain words.

use bedrock_auth::auth::{AccessKeyId, AccountId, Root};
use bedrock_auth::policy::Delivered;
use bedrock_auth::signer::{Signer, StepKind};
use jiff::{SignedDuration, Timestamp};

use super::credentials::access_key_id;
use super::dice::Dice;
use super::pools::{ACCOUNTS, CANARY};
use super::signers::account_id;

/// Credentials that came.
#[derive(Debug, Clone)]
pub struct MadeDelivery {
    pub access_key_id: String,
    pub kind: MadeKind,
    /// The account that the id tells.
    pub account: Option<AccountId>,
    pub has_session_token: bool,
    pub expires: Option<Timestamp>,
    /// Whether they only serve to assume the role that signs.
    pub to_assume_role: bool,
}

/// What the id says of how long the key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeKind {
    Temporary,
    LongLived,
    Unknown,
}

impl MadeDelivery {
    /// What might come where this was foreseen. A key that is at hand is delivered as it is.
    pub fn roll_for(dice: &mut Dice, foreseen: &Signer, now: Timestamp) -> Self {
        if let Some(id) = &foreseen.access_key_id {
            return Self::of_key_at_hand(id, foreseen);
        }
        let assumes_role =
            foreseen.chain.iter().any(|step| matches!(step.kind, StepKind::AssumeRole { .. }));
        let to_assume_role = assumes_role && dice.percent(40);
        MadeDelivery { to_assume_role, ..Self::roll(dice, foreseen.account, now) }
    }

    pub fn roll(dice: &mut Dice, foreseen: Option<AccountId>, now: Timestamp) -> Self {
        let kind = match dice.below(10) {
            0..7 => MadeKind::Temporary,
            7 | 8 => MadeKind::LongLived,
            _ => MadeKind::Unknown,
        };
        let other = account_id(dice.pick(ACCOUNTS));
        let account = match dice.below(10) {
            0..7 => Some(foreseen.unwrap_or(other)),
            7 | 8 => Some(other),
            _ => None,
        };
        let prefix = match kind {
            MadeKind::Temporary => "ASIA",
            MadeKind::LongLived => "AKIA",
            MadeKind::Unknown => dice.pick(&["ABIA", "ACCA", "AROA"]),
        };
        let is_temporary = kind == MadeKind::Temporary;
        let after = dice.pick(&[3_600, 1, 43_200, 0, -1]);
        let made = MadeDelivery {
            access_key_id: access_key_id(prefix, account.map(number), dice),
            kind,
            account,
            has_session_token: is_temporary != dice.percent(15),
            expires: (!dice.percent(25)).then(|| now + SignedDuration::from_secs(after)),
            to_assume_role: false,
        };
        if kind == MadeKind::Unknown && dice.percent(60) {
            return MadeDelivery { access_key_id: no_id(dice), account: None, ..made };
        }
        made
    }

    fn of_key_at_hand(id: &AccessKeyId, foreseen: &Signer) -> Self {
        let kind = match foreseen.root {
            Some(Root::LongLivedKeys) => MadeKind::LongLived,
            Some(Root::TemporaryKeys) => MadeKind::Temporary,
            _ => MadeKind::Unknown,
        };
        MadeDelivery {
            access_key_id: id.as_str().to_owned(),
            kind,
            account: foreseen.account,
            has_session_token: kind == MadeKind::Temporary,
            expires: None,
            to_assume_role: false,
        }
    }

    pub fn to_delivered(&self) -> Delivered {
        Delivered {
            access_key_id: AccessKeyId::new(self.access_key_id.as_str()),
            has_session_token: self.has_session_token,
            expires: self.expires,
        }
    }
}

/// What stands in the field of the id, and is none. Where it could be a secret, it must not be shown.
fn no_id(dice: &mut Dice) -> String {
    match dice.below(5) {
        0 => "test".to_owned(),
        1 => format!("wJalr/{CANARY}+K7MDENGbPxRfiCYEXAMPLEKEY"),
        2 => format!("bedrock-api-key-{CANARY}"),
        3 => format!("ABSK{CANARY}"),
        _ => format!("IQoJb3JpZ2luX2Vj{CANARY}{}", "A".repeat(300)),
    }
}

fn number(account: AccountId) -> u64 {
    account.to_string().parse().expect("an account is a number")
}
