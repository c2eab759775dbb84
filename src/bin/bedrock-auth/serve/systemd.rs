//! What systemd is told, and what it hands over. Without systemd nothing of it happens.

use std::os::unix::net::UnixListener;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use bedrock_auth::targets::SERVE;
use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::exit::Failure;

/// The socket that systemd listens on for us, if it does.
pub(super) fn passed_socket() -> Result<Option<UnixListener>, Failure> {
    let mut passed = ListenFd::from_env();
    let advice = "let the socket unit listen on one `ListenStream=` path";
    if passed.len() > 1 {
        return Err(Failure::new("more than one socket was handed over").with_advice(advice));
    }
    passed.take_unix_listener(0).map_err(|error| {
        Failure::new(format!("what was handed over is no Unix socket: {error}")).with_advice(advice)
    })
}

/// Tells systemd, on a thread of its own: a service manager that does not listen must not hold up the agent.
pub(super) struct Systemd(Option<Teller>);

struct Teller {
    messages: SyncSender<Vec<Said>>,
    over: Receiver<()>,
}

enum Said {
    Ready,
    Status(String),
    Alive,
    Stopping,
}

/// What waits to be told. Beyond that, what is said is old before it is heard.
const BACKLOG: usize = 8;

/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Systemd {
    /// Nobody, where no service manager listens.
    pub(super) fn of_environment() -> std::io::Result<Self> {
        if std::env::var_os("NOTIFY_SOCKET").is_none() {
            return Ok(Systemd(None));
        }
        let (messages, inbox) = sync_channel(BACKLOG);
        let (end, over) = sync_channel(1);
        std::thread::Builder::new().name("bedrock-auth-systemd".to_owned()).spawn(move || {
            inbox.iter().for_each(|message: Vec<Said>| tell(&message));
            // Nobody waits where the agent was in a hurry.
            let _ = end.send(());
        })?;
        Ok(Systemd(Some(Teller { messages, over })))
    }

    pub(super) fn ready(&self, display: &str) {
        self.say(vec![Said::Ready, status_of(display)]);
    }

    pub(super) fn status(&self, display: &str) {
        self.say(vec![status_of(display)]);
    }

    pub(super) fn alive(&self) {
        self.say(vec![Said::Alive]);
    }

    /// The last words, once they are heard.
    pub(super) fn stopping(&mut self) {
        self.say(vec![Said::Stopping]);
        if let Some(Teller { messages, over }) = self.0.take() {
            drop(messages);
            // It stops in any case.
            let _ = over.recv_timeout(LAST_WORDS);
        }
    }

    fn say(&self, message: Vec<Said>) {
        if let Some(teller) = &self.0 {
            // Where nobody listens, nothing is lost.
            let _ = teller.messages.try_send(message);
        }
    }
}

/// A line break would begin another message.
fn status_of(text: &str) -> Said {
    Said::Status(text.replace(char::is_control, " "))
}

fn tell(message: &[Said]) {
    let states: Vec<_> = message
        .iter()
        .map(|said| match said {
            Said::Ready => NotifyState::Ready,
            Said::Status(text) => NotifyState::Status(text),
            Said::Alive => NotifyState::Watchdog,
            Said::Stopping => NotifyState::Stopping,
        })
        .collect();
    if let Err(error) = sd_notify::notify(&states) {
        tracing::warn!(target: SERVE, %error, "systemd cannot be told");
    }
}

/// The watchdog's beat, if systemd asked for one.
pub(super) struct Heartbeat(Option<Interval>);

impl Heartbeat {
    /// Twice as often as systemd wants to hear of us.
    pub(super) fn as_asked() -> Self {
        let period = sd_notify::watchdog_enabled().map(|longest| longest / 2);
        let beat = |period: Duration| {
            let mut beat = interval(period);
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
            beat
        };
        Heartbeat(period.filter(|period| !period.is_zero()).map(beat))
    }

    /// Ends when it is time, or never.
    pub(super) async fn due(&mut self) {
        match &mut self.0 {
            Some(beat) => {
                beat.tick().await;
            }
            None => std::future::pending().await,
        }
    }
}
