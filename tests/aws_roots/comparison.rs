//! The prediction beside what the SDK did.

use bedrock_auth::auth::Root;
use bedrock_auth::provenance::Place;
use bedrock_auth::signer::{Signer, SignerFault, Signers, Step, StepKind};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::files::{Files, special};
use super::sdk::{Done, End, IMDS_KEY};

pub(super) fn compare(
    files: &Files,
    asked: &str,
    predicted: &Result<Signer, SignerFault>,
    done: &Done,
) -> Result<(), TestCaseError> {
    match predicted {
        Ok(signer) => {
            for step in &signer.chain {
                stands_where_it_says(files, step)?;
            }
            compare_signer(files, signer, done)
        }
        // Two runs of the SDK need not agree with each other.
        Err(fault) if fault.to_string().contains("by chance") => Ok(()),
        // The SDK tries, and we refuse beforehand; what matters is that neither asks the next provider.
        Err(fault) if fault.to_string().ends_with("it is empty") => {
            prop_assert!(!matches!(done.end, End::NotLoaded), "{fault}: {done:?}");
            Ok(())
        }
        Err(fault)
            if done.lacks_a_feature() && fault.to_string().ends_with("lacks `sso_account_id`") =>
        {
            Ok(())
        }
        Err(fault) => {
            prop_assert!(!matches!(done.end, End::Key(_)), "{fault}: {done:?}");
            // The next of the chain, of which no profile takes anything.
            let next = [("AWS_WEB_IDENTITY_TOKEN_FILE", "t"), ("AWS_ROLE_ARN", "r")];
            let chosen = [&[("AWS_PROFILE", asked)][..], &next].concat();
            // A profile that somebody chose is never passed over, whatever the SDK does.
            prop_assert!(files.predicted(&chosen).automatic().is_err(), "{fault}");
            if asked != "default" {
                return Ok(());
            }
            let automatic = files.predicted(&next).automatic();
            let falls_through =
                automatic.is_ok_and(|signer| signer.root == Some(Root::WebIdentity));
            prop_assert_eq!(
                falls_through,
                matches!(done.end, End::NotLoaded),
                "{}: {:?}",
                fault,
                done
            );
            Ok(())
        }
    }
}

fn compare_signer(files: &Files, signer: &Signer, done: &Done) -> Result<(), TestCaseError> {
    let (base, assumed) = signer.chain.split_last().unwrap();
    let mut roles: Vec<_> = assumed.iter().rev().map(role_of).collect();
    let first_key = match &base.kind {
        StepKind::StaticKeys { profile } => {
            format!("AKIA{}", special(&file_of(base), profile))
        }
        StepKind::CredentialProcess { command, .. } => {
            command.as_str().split('"').find(|part| part.starts_with("PROC")).unwrap().to_owned()
        }
        StepKind::WebIdentity { role_arn, .. } => {
            roles.insert(0, role_arn.clone());
            // The call carries the token and no signature.
            String::new()
        }
        StepKind::Imds => IMDS_KEY.to_owned(),
        StepKind::Sso { .. } | StepKind::Login { .. } => {
            // Without its cargo feature the SDK refuses them by name; with it there is no cached token.
            let named = done.lacks_a_feature() || matches!(done.end, End::Failed(_));
            prop_assert!(named, "{signer:?}: {done:?}");
            return Ok(());
        }
        // These depend on the surroundings in which the test runs.
        StepKind::EnvironmentKeys | StepKind::Container | StepKind::AssumeRole { .. } => {
            return Ok(());
        }
    };
    let called: Vec<_> = done.calls.iter().map(|(role, _)| role.clone()).collect();
    prop_assert_eq!(called, roles, "{:?}\n{:?}", signer, files);
    let End::Key(last_key) = &done.end else {
        return Err(TestCaseError::fail(format!("{signer:?}: {done:?}")));
    };
    let signed_first = done.calls.first().map_or(last_key, |(_, key)| key);
    prop_assert_eq!(signed_first, &first_key, "{:?}", signer);
    Ok(())
}

/// The line of each step holds the key that makes it.
fn stands_where_it_says(files: &Files, step: &Step) -> Result<(), TestCaseError> {
    let Some(Place::File { position: Some(at), .. }) = &step.at else {
        return Err(TestCaseError::fail(format!("no place: {step:?}")));
    };
    let line = files.text(&file_of(step)).lines().nth(at.line as usize - 1).unwrap_or_default();
    let key = match &step.kind {
        StepKind::AssumeRole { .. } | StepKind::WebIdentity { .. } => "role_arn",
        StepKind::Sso { .. } => "sso_start_url",
        StepKind::CredentialProcess { .. } => "credential_process",
        StepKind::StaticKeys { .. } => "aws_access_key_id",
        StepKind::Login { .. } => "login_session",
        StepKind::EnvironmentKeys | StepKind::Container | StepKind::Imds => "credential_source",
    };
    prop_assert!(line.to_lowercase().starts_with(key), "{step:?} is not {line:?}");
    if let StepKind::AssumeRole { role_arn, .. } | StepKind::WebIdentity { role_arn, .. } =
        &step.kind
    {
        prop_assert!(line.contains(role_arn.lines().next().unwrap_or_default()));
    }
    Ok(())
}

fn role_of(step: &Step) -> String {
    match &step.kind {
        StepKind::AssumeRole { role_arn, .. } => role_arn.clone(),
        other => panic!("{other:?} before the end of a chain"),
    }
}

fn file_of(step: &Step) -> String {
    match &step.at {
        Some(Place::File { path, .. }) => path.to_string_lossy().into_owned(),
        other => panic!("{other:?}"),
    }
}

/// The root behind how many roles, or the fault.
pub(super) fn class(predicted: &Result<Signer, SignerFault>) -> String {
    match predicted {
        Ok(signer) => {
            let is_role = |step: &&Step| matches!(step.kind, StepKind::AssumeRole { .. });
            let roles = signer.chain.iter().filter(is_role).count();
            format!("{} behind {roles}", signer.root.map_or("unknown", Root::as_str))
        }
        Err(fault) => {
            format!("{:?}", fault.kind).split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    }
}
