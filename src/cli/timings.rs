//! `--timings`: the requests that a command sent, and those that it waited for one after another.
//!
//! Everything that sends requests logs an event `request` when one has ended (`crates/{aws,gce,kube}`). A request that began after
//! another one had ended may depend on it, so the chain with the most time in requests is the least that the command takes on this
//! network, whatever else it sends side by side.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer};

/// The event that says that a request has ended.
const REQUEST: &str = "request";

/// A request that has ended. Times are since the start of the command.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    began: Duration,
    ended: Duration,
    /// Such as `EC2 DescribeVpcs`, with its status unless it is a success.
    what: String,
}

impl Request {
    fn took(&self) -> Duration {
        self.ended.saturating_sub(self.began)
    }
}

/// The requests of the command that runs.
#[derive(Debug, Clone)]
pub struct Timings {
    started: Instant,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Timings {
    pub fn start() -> Self {
        Self { started: Instant::now(), requests: Arc::default() }
    }

    /// The events that say something of requests.
    pub fn filter() -> Targets {
        // The store logs its requests with their bodies.
        Targets::new()
            .with_target("kopsform::aws", Level::DEBUG)
            .with_target("kopsform::gce", Level::DEBUG)
            .with_target("kopsform::kube", Level::DEBUG)
            .with_target("kopsform::store", Level::TRACE)
    }

    /// What is shown after the command, a line each.
    pub fn report(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        report(&requests, self.started.elapsed())
    }
}

impl<S: Subscriber> Layer<S> for Timings {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        if fields.message != REQUEST {
            return;
        }
        let ended = self.started.elapsed();
        // Rounded down, so no request seems to begin before one that it waited for has ended.
        let began = ended.saturating_sub(Duration::from_millis(fields.milliseconds));
        let request = Request { began, ended, what: fields.description() };
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
    }
}

/// The fields of an event of any of the clients.
#[derive(Debug, Default)]
struct Fields {
    message: String,
    milliseconds: u64,
    attempt: u64,
    status: String,
    /// What names a request, in the order in which clients log it.
    names: Vec<String>,
}

impl Fields {
    fn set(&mut self, name: &str, value: String) {
        match name {
            "message" => self.message = value,
            "status" => self.status = value,
            "service" | "operation" | "parameters" | "method" | "server" | "url" | "path" if !value.is_empty() => {
                self.names.push(value);
            }
            _ => {}
        }
    }

    fn description(&self) -> String {
        let mut text = self.names.join(" ");
        if !self.status.starts_with('2') {
            text.push_str(&format!(" ({})", self.status));
        }
        if self.attempt > 1 {
            text.push_str(&format!(" (attempt {})", self.attempt));
        }
        text
    }
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "milliseconds" => self.milliseconds = value,
            "attempt" => self.attempt = value,
            name => self.set(name, value.to_string()),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        match (field.name(), format!("{value:?}").parse()) {
            ("attempt", Ok(attempt)) => self.attempt = attempt,
            ("milliseconds", Ok(milliseconds)) => self.milliseconds = milliseconds,
            (name, _) => self.set(name, format!("{value:?}")),
        }
    }
}

/// The chain of requests of which each began after the one before had ended, with the most time in requests; of equal ones the
/// longest.
fn critical_path(requests: &[Request]) -> Vec<&Request> {
    let mut by_begin: Vec<usize> = (0..requests.len()).collect();
    by_begin.sort_by_key(|&index| (requests[index].began, requests[index].ended));
    let mut by_end = by_begin.clone();
    by_end.sort_by_key(|&index| requests[index].ended);
    // For each request, the weight of the best chain that ends with it, and the request before it.
    let mut chains: Vec<((Duration, usize), Option<usize>)> = vec![((Duration::ZERO, 0), None); requests.len()];
    let mut ended = by_end.iter().copied().peekable();
    // The best chain of those that have ended when a request begins.
    let mut best: Option<usize> = None;
    for index in by_begin {
        let request = &requests[index];
        while let Some(before) = ended.next_if(|&other| other != index && requests[other].ended <= request.began) {
            if best.is_none_or(|best| chains[before].0 > chains[best].0) {
                best = Some(before);
            }
        }
        let (time, length) = best.map_or((Duration::ZERO, 0), |best| chains[best].0);
        chains[index] = ((time + request.took(), length + 1), best);
    }
    let last = (0..requests.len()).max_by_key(|&index| chains[index].0);
    let mut path: Vec<&Request> =
        std::iter::successors(last, |&index| chains[index].1).map(|index| &requests[index]).collect();
    path.reverse();
    path
}

fn report(requests: &[Request], elapsed: Duration) -> Vec<String> {
    let path = critical_path(requests);
    let waited: Duration = path.iter().map(|request| request.took()).sum();
    let count = |requests: usize| format!("{requests} request{}", if requests == 1 { "" } else { "s" });
    let mut lines = vec![format!(
        "{} in {:.3} s; critical path: {}, {:.3} s",
        count(requests.len()),
        elapsed.as_secs_f64(),
        count(path.len()),
        waited.as_secs_f64()
    )];
    if !path.is_empty() {
        lines.push(format!("{:>8} {:>8}  REQUEST", "START", "SECONDS"));
    }
    lines.extend(path.into_iter().map(|request| {
        format!("{:8.3} {:8.3}  {}", request.began.as_secs_f64(), request.took().as_secs_f64(), request.what)
    }));
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    fn request(began: u64, ended: u64, what: &str) -> Request {
        let (began, ended) = (Duration::from_millis(began), Duration::from_millis(ended));
        Request { began, ended, what: what.to_owned() }
    }

    fn names(path: &[&Request]) -> String {
        path.iter().map(|request| request.what.as_str()).collect()
    }

    #[test]
    fn the_critical_path_is_the_chain_with_the_most_time() {
        let requests = [
            request(50, 60, "c"),
            request(0, 10, "a"),
            request(0, 45, "b"), // Longer than a, and over when c begins.
            request(12, 20, "d"),
        ];
        assert_eq!(names(&critical_path(&requests)), "bc");
        assert_eq!(names(&critical_path(&[])), "");
    }

    #[test]
    fn of_chains_without_measurable_time_the_longest_counts() {
        let requests = [request(5, 5, "a"), request(6, 6, "b"), request(7, 7, "c")];
        assert_eq!(names(&critical_path(&requests)), "abc");
    }

    #[test]
    fn a_report_counts_all_requests_and_lists_those_that_were_waited_for() {
        let requests = [request(0, 10, "EC2 A"), request(0, 25, "EC2 B"), request(30, 32, "S3 C")];
        assert_eq!(
            report(&requests, Duration::from_millis(40)),
            [
                "3 requests in 0.040 s; critical path: 2 requests, 0.027 s",
                "   START  SECONDS  REQUEST",
                "   0.000    0.025  EC2 B",
                "   0.030    0.002  S3 C",
            ]
        );
        assert_eq!(report(&[], Duration::ZERO), ["0 requests in 0.000 s; critical path: 0 requests, 0.000 s"]);
    }

    #[test]
    fn requests_of_all_clients_are_recorded_and_nothing_else() {
        let timings = Timings::start();
        let subscriber = tracing_subscriber::registry().with(timings.clone().with_filter(Timings::filter()));
        tracing::subscriber::with_default(subscriber, || {
            let milliseconds = Some(0_u64);
            tracing::debug!(target: "kopsform::aws", service = "EC2", operation = "DescribeVpcs", parameters = "", status = "200", attempt = 1_u32, milliseconds, "request");
            tracing::trace!(target: "kopsform::store", service = "S3", operation = "GetObject", parameters = "b/k", status = "404", attempt = 2_u32, milliseconds, "request");
            tracing::debug!(target: "kopsform::gce", method = %"GET", url = "https://h/p", status = 200_u16, attempt = 1_u32, milliseconds = 0_u64, "request");
            tracing::debug!(target: "kopsform::aws", "something else");
            tracing::debug!(target: "another::program", service = "EC2", "request");
        });
        let requests = timings.requests.lock().unwrap();
        let whats: Vec<&str> = requests.iter().map(|request| request.what.as_str()).collect();
        assert_eq!(whats, ["EC2 DescribeVpcs", "S3 GetObject b/k (404) (attempt 2)", "GET https://h/p"]);
    }

    proptest! {
        #[test]
        fn no_chain_takes_longer_than_the_critical_path(times in prop::collection::vec((0_u64..30, 0_u64..8), 0..9)) {
            let requests: Vec<Request> =
                times.iter().map(|(began, took)| request(*began, began + took, "")).collect();
            let path = critical_path(&requests);
            prop_assert!(path.windows(2).all(|pair| pair[0].ended <= pair[1].began));
            let time: Duration = path.iter().map(|request| request.took()).sum();
            // All subsets, in order of time.
            let mut sorted = requests.clone();
            sorted.sort_by_key(|request| (request.began, request.ended));
            for subset in 0_u32..1 << sorted.len() {
                let chain: Vec<&Request> =
                    (0..sorted.len()).filter(|bit| subset & (1 << bit) != 0).map(|bit| &sorted[bit]).collect();
                if chain.windows(2).all(|pair| pair[0].ended <= pair[1].began) {
                    prop_assert!(chain.iter().map(|request| request.took()).sum::<Duration>() <= time);
                }
            }
        }
    }
}
