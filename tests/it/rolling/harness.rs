//! Runs updates in the simulation.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use kopsform::ops::rolling_update::{RollingUpdateError, RollingUpdateOptions, perform, prepare};
use kopsform_rolling::events::{Event, Observer};
use kopsform_rolling::execute::{Deps, Options, RetryingKubernetes};
use kopsform_rolling::journal::Journal;
use kopsform_rolling::ports::{Answer, Kubernetes, Prompter};
use kopsform_state::Store;
use tokio_util::sync::CancellationToken;

use super::clock::Ending;
use super::simulation::{CLUSTER, Simulation};

/// Records all events.
#[derive(Default)]
pub struct Recorder(Mutex<Vec<Event>>);

impl Observer for Recorder {
    fn on_event(&self, _at: Duration, event: &Event) {
        self.0.lock().expect("no test panics while it records").push(event.clone());
    }
}

/// Answers from a list, then yes.
#[derive(Default)]
pub struct Script(pub Mutex<Vec<Answer>>);

#[async_trait]
impl Prompter for Script {
    async fn ask(&self, _instance: &str, _node: Option<&str>) -> Answer {
        let mut answers = self.0.lock().expect("no test panics while it answers");
        if answers.is_empty() { Answer::Yes } else { answers.remove(0) }
    }
}

/// How a run ended, with its events.
pub struct Run {
    pub ending: Ending<Result<(), RollingUpdateError>>,
    pub events: Vec<Event>,
}

impl Run {
    /// The error of a run that ended with one.
    #[track_caller]
    pub fn error(&self) -> &RollingUpdateError {
        match &self.ending {
            Ending::Done(Err(error)) => error,
            other => panic!("the run ended otherwise: {other:?}"),
        }
    }

    /// Asserts that the run did everything.
    #[track_caller]
    pub fn succeeded(&self) {
        assert!(matches!(self.ending, Ending::Done(Ok(()))), "{:?}", self.ending);
    }

    /// Whether an event contains this string.
    pub fn reported(&self, text: &str) -> bool {
        self.events.iter().any(|e| e.to_string().contains(text))
    }
}

/// What a run does besides the update.
#[derive(Default)]
pub struct Staging {
    pub answers: Vec<Answer>,
    /// Stop the update so long after it began.
    pub stop_after: Option<Duration>,
    pub cloud_only: bool,
    /// The journal's store, if not the simulation's own.
    pub store: Option<Arc<dyn Store>>,
}

/// Runs an update.
pub fn update(simulation: &Simulation, options: &RollingUpdateOptions) -> Run {
    staged(simulation, options, Staging::default())
}

/// Runs an update with more going on.
pub fn staged(simulation: &Simulation, options: &RollingUpdateOptions, staging: Staging) -> Run {
    let recorder = Recorder::default();
    let prompter = Script(Mutex::new(staging.answers));
    let (cluster, groups) = (simulation.cluster(), simulation.specs());
    let stop = CancellationToken::new();
    let store = staging.store.unwrap_or_else(|| Arc::new(simulation.clone()));
    let update = async {
        let journal = Journal::open(store, CLUSTER).await?;
        let retrying = RetryingKubernetes::new(simulation, &simulation.clock);
        let kubernetes = (!staging.cloud_only).then_some(&retrying as &dyn Kubernetes);
        let prepared = prepare(&cluster, &groups, simulation, kubernetes, &journal, options).await?;
        for tight in &prepared.tight_budgets {
            recorder.on_event(Duration::ZERO, &tight.event());
        }
        let deps = Deps {
            cluster: &cluster,
            groups: &groups,
            cloud: simulation,
            kubernetes,
            clock: &simulation.clock,
            prompter: &prompter,
            observer: &recorder,
            journal: &journal,
        };
        perform(&prepared, deps, stop.clone()).await
    };
    let stopper = async {
        if let Some(after) = staging.stop_after {
            kopsform_rolling::ports::Clock::sleep(&simulation.clock, after).await;
            stop.cancel();
        }
        std::future::pending::<()>().await;
    };
    let both = async {
        match futures::future::select(Box::pin(update), Box::pin(stopper)).await {
            futures::future::Either::Left((outcome, _)) => outcome,
            futures::future::Either::Right(((), _)) => unreachable!("the stopper never ends"),
        }
    };
    let ending = simulation.clock.run(both, || simulation.is_killed());
    let events = recorder.0.into_inner().expect("no test panics while it records");
    Run { ending, events }
}

/// The defaults, with short drains: pods that never end would take a quarter of an hour.
pub fn options() -> RollingUpdateOptions {
    let execution = Options { drain_timeout: Duration::from_secs(60), validate_count: 1, ..Options::default() };
    RollingUpdateOptions { execution, parallel_groups: 1, ..RollingUpdateOptions::default() }
}
