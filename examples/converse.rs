//! What an editor does with the library: shows how it will authenticate, sends one prompt with whatever the policy
//! allows, and shows why not where it does not.
//!
//! ```console
//! $ cargo run --example converse -- anthropic.claude-3-haiku-20240307-v1:0 "Say hello."
//! ```

use std::error::Error;
use std::process::ExitCode;

use aws_sdk_bedrockruntime::config::BehaviorVersion;
use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use bedrock_auth::client::{OpenError, Session, refusal, step_failed};
use bedrock_auth::load::Machine;
use bedrock_auth::policy::Denial;
use bedrock_auth::resolve::{CandidateReport, Outcome};

const MODEL: &str = "anthropic.claude-3-haiku-20240307-v1:0";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let model = arguments.next().unwrap_or(MODEL.to_owned());
    let prompt = arguments.next().unwrap_or("Say hello.".to_owned());

    // 1. Ask how to authenticate. Nothing is called yet.
    let session = match Session::builder(Machine::this(), BehaviorVersion::latest()).open() {
        Ok(session) => session,
        Err(OpenError::NotAllowed(resolution)) => {
            eprintln!("{}", resolution.display);
            resolution.denials.iter().for_each(show_denial);
            if resolution.outcome == Outcome::Unconfigured {
                resolution.candidates.iter().for_each(show_candidate);
            }
            return ExitCode::FAILURE;
        }
        Err(error) => return fail(&error),
    };
    // 2. The line of the settings page.
    eprintln!("{}", session.resolution().display);
    for warning in &session.resolution().warnings {
        eprintln!("  note: {}", warning.message);
    }
    // 3. An ordinary client. Policies are asked again at every request.
    match converse(&session.bedrock_runtime(), &model, prompt).await {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            if let Some(refused) = refusal(error.as_ref()) {
                refused.denials.iter().for_each(show_denial);
            } else if let Some(step) = step_failed(error.as_ref()) {
                eprintln!("failed: {}", step.message);
                show_remedy(step.remedy.as_deref());
            } else {
                return fail(error.as_ref());
            }
            ExitCode::FAILURE
        }
    }
}

async fn converse(
    client: &aws_sdk_bedrockruntime::Client,
    model: &str,
    prompt: String,
) -> Result<String, Box<dyn Error>> {
    let message = Message::builder()
        .role(ConversationRole::User)
        .content(ContentBlock::Text(prompt))
        .build()?;
    let answer = client.converse().model_id(model).messages(message).send().await?;
    let message = answer.output.as_ref().and_then(|output| output.as_message().ok());
    let blocks = message.map(|message| message.content()).unwrap_or_default();
    Ok(blocks.iter().filter_map(|block| block.as_text().ok()).cloned().collect())
}

fn show_denial(denial: &Denial) {
    eprintln!("denied: {} ({})", denial.message, denial.code);
    if let Some(source) = &denial.requested_at {
        eprintln!("  asked for at  {}", source.place);
    }
    if let Some(place) = &denial.forbidden_by {
        eprintln!("  forbidden by  {place}");
    }
    show_remedy(Some(&denial.remedy));
    if let Some(contact) = &denial.contact {
        eprintln!("  help          {contact}");
    }
}

fn show_candidate(candidate: &CandidateReport) {
    let method = candidate.method.map(|method| format!("{method}: ")).unwrap_or_default();
    let why = candidate.why.as_deref().unwrap_or("not configured");
    eprintln!("{}: {method}{why}", candidate.step);
    show_remedy(candidate.remedy.as_deref());
}

fn show_remedy(remedy: Option<&str>) {
    if let Some(remedy) = remedy {
        eprintln!("  what to do    {remedy}");
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    eprintln!("{}", texts.join(": "));
    ExitCode::FAILURE
}
