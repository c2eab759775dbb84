//! A step on the way to credentials that failed, in words for people.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::prose::{Harmless, Shown};

/// A step on the way to credentials failed: what happened, and what to do about it.
#[derive(Debug, Clone)]
pub struct StepFailed {
    /// What happened, lower case, without a full stop. Repeats no secret, unless a credential process wrote it to standard error.
    pub message: String,
    /// What to do about it, if that is known.
    pub remedy: Option<String>,
    /// The message without what another program wrote, which may be a secret; none where it is the same.
    unquoted: Option<String>,
    /// Of the SDK, for programs: the message says what matters of it.
    cause: Option<Arc<dyn Error + Send + Sync>>,
}

impl StepFailed {
    pub(super) fn new(message: impl Into<String>) -> Self {
        StepFailed { message: message.into(), remedy: None, unquoted: None, cause: None }
    }

    /// Says first what was tried.
    pub(super) fn while_trying(self, what: &str) -> Self {
        let unquoted = self.unquoted.map(|unquoted| format!("{what}: {unquoted}"));
        StepFailed { message: format!("{what}: {}", self.message), unquoted, ..self }
    }

    /// Adds what another program wrote, for the person alone.
    pub(super) fn quoting(self, said: &str) -> Self {
        let message = format!("{}: {said}", self.message);
        StepFailed { unquoted: Some(self.message), message, ..self }
    }

    pub(super) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        StepFailed { remedy: Some(remedy.into()), ..self }
    }

    /// What happened, for what is kept: without what another program wrote.
    pub fn for_record(&self) -> &str {
        self.unquoted.as_deref().unwrap_or(&self.message)
    }

    pub(super) fn caused_by(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        StepFailed { cause: Some(Arc::from(cause.into())), ..self }
    }
}

impl fmt::Display for StepFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for StepFailed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}

/// What the SDK's traits carry through.
impl From<StepFailed> for CredentialsError {
    fn from(failed: StepFailed) -> Self {
        CredentialsError::provider_error(failed)
    }
}

/// The last of an error's causes, which is the one that says what happened.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.last().map(|cause| Shown(&cause.to_string()).to_string()).unwrap_or_default()
}

/// A call that a service refused, in its own words, or that did not reach it.
pub(super) fn of_call<E, R>(service: &str, error: SdkError<E, R>) -> StepFailed
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    let said = error.as_service_error().map(|refused| (refused.code(), refused.message()));
    let message = match said {
        Some((Some(code), Some(message))) => {
            format!("{service} refuses: {} ({})", Harmless(message), Shown(code))
        }
        Some((Some(code), None)) => format!("{service} refuses ({})", Shown(code)),
        _ => format!("{service} gives no answer: {}", innermost(&error)),
    };
    StepFailed::new(message).caused_by(error)
}

/// The failed step behind an error of the SDK, if that is what it is.
pub fn step_failed<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a StepFailed> {
    cause_of(error)
}

/// The error of this type among an error and its causes.
pub(super) fn cause_of<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    let mut causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.find_map(|error| error.downcast_ref())
}

#[cfg(test)]
mod tests {
    use aws_sdk_sts::error::ErrorMetadata;
    use aws_sdk_sts::operation::assume_role::AssumeRoleError;

    use super::*;

    #[test]
    fn a_service_refuses_in_its_own_words() {
        let refused = |code: &str, message: Option<&str>| {
            let mut said = ErrorMetadata::builder().code(code);
            if let Some(message) = message {
                said = said.message(message);
            }
            let error = AssumeRoleError::generic(said.build());
            of_call("AWS STS", SdkError::service_error(error, ()))
        };
        let denied = refused("AccessDenied", Some("ada may not assume it"));
        assert_eq!(denied.to_string(), "AWS STS refuses: ada may not assume it (AccessDenied)");
        assert_eq!(refused("Throttling", None).to_string(), "AWS STS refuses (Throttling)");
        let tried = denied.while_trying("no role").with_remedy("ask").to_string();
        assert_eq!(tried, "no role: AWS STS refuses: ada may not assume it (AccessDenied)");
    }

    #[test]
    fn what_another_program_wrote_is_for_the_person_alone() {
        let failed = StepFailed::new("it failed").quoting("the secret").while_trying("no role");
        assert_eq!(failed.to_string(), "no role: it failed: the secret");
        assert_eq!(failed.for_record(), "no role: it failed");
        assert_eq!(StepFailed::new("it failed").for_record(), "it failed");
    }

    #[test]
    fn a_service_that_is_not_reached() {
        let error: SdkError<AssumeRoleError, ()> =
            SdkError::timeout_error(std::io::Error::other("the line is dead"));
        let failed = of_call("AWS STS", error);
        assert_eq!(failed.to_string(), "AWS STS gives no answer: the line is dead");
        let wrapped = CredentialsError::from(failed);
        assert!(step_failed(&wrapped).is_some_and(|failed| failed.source().is_some()));
    }
}
