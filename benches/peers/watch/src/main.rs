//! How soon a change to a file is a new answer, beside what notify tells of the same rename, and what it costs to read
//! the current answer, beside a lock.

mod latency;
mod place;
mod reading;

fn main() {
    latency::measure();
    reading::measure();
}
