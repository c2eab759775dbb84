//! The sign-in that an allowed answer rests on.

use jiff::Timestamp;

use super::resolution::{Warning, WarningCode};
use crate::facts::Facts;
use crate::prose::quoted;
use crate::provenance::{Layer, Source};
use crate::signer::{SignIn, SignInReport, Signer, Step, StepKind, console_login, sso_login};

/// The last step of a chain that needs a sign-in, and what is known of it.
pub(super) struct SignInNeed<'a> {
    step: &'a Step,
    sign_in: SignIn,
    now: Timestamp,
}

impl<'a> SignInNeed<'a> {
    pub(super) fn of(facts: &Facts, signer: &'a Signer) -> Option<Self> {
        let step = signer.chain.last()?;
        let sign_in = facts.signers.sign_in(&step.kind)?;
        Some(SignInNeed { step, sign_in, now: facts.now })
    }

    pub(super) fn report(&self) -> Option<SignInReport> {
        self.sign_in.report(self.now)
    }

    /// Without it, the answer stands, and no credential comes.
    pub(super) fn warning(&self) -> Option<Warning> {
        if self.sign_in.is_usable(self.now) {
            return None;
        }
        let profile = self.step.kind.profile().unwrap_or_default();
        let (whom, command) = match &self.step.kind {
            StepKind::Login { .. } => ("AWS Sign-In", console_login(profile)),
            _ => ("IAM Identity Center", sso_login(profile)),
        };
        let sign_in = format!("the sign-in to {whom} for the AWS profile {}", quoted(profile));
        let message = match &self.sign_in {
            SignIn::Absent => {
                format!("nobody is signed in to {whom} for the AWS profile {}", quoted(profile))
            }
            SignIn::Unreadable(why) => format!("{sign_in} cannot be used: {why}"),
            SignIn::Until { expires, .. } => format!("{sign_in} ended at {expires}"),
        };
        let source = self.step.at.clone().map(|at| Source::new(Layer::User, at));
        let remedy = Some(format!("run {command}"));
        Some(Warning { code: WarningCode::SignInNeeded, message, source, denial: None, remedy })
    }
}
