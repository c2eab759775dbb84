//! What systemd is told, and what it hands over. Without systemd nothing of it happens.

use std::os::unix::net::UnixListener;
use std::time::Duration;

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

pub(super) fn ready(display: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&on_one_line(display))]);
}

pub(super) fn status(display: &str) {
    tell(&[NotifyState::Status(&on_one_line(display))]);
}

pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

pub(super) fn alive() {
    tell(&[NotifyState::Watchdog]);
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

/// A line break would begin another message.
fn on_one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}
