//! Simulated time: nothing sleeps, the clock jumps to the next thing that was waited for.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use kopsform_rolling::ports::Clock;

/// No update of a handful of instances takes a day.
const FOREVER: Duration = Duration::from_secs(24 * 3600);

/// A clock that stands still until everybody waits.
#[derive(Clone, Default)]
pub struct SimClock(Arc<Mutex<Timers>>);

#[derive(Default)]
struct Timers {
    now: Duration,
    next: u64,
    waiting: BTreeMap<(Duration, u64), Waker>,
}

/// How a simulated run ended.
#[derive(Debug)]
pub enum Ending<T> {
    /// With a result.
    Done(T),
    /// The process was killed.
    Killed,
    /// Not within a day.
    Never,
}

impl SimClock {
    fn timers(&self) -> MutexGuard<'_, Timers> {
        self.0.lock().expect("no test panics with the clock")
    }

    /// Runs a future to its end, or until `killed` says so.
    pub fn run<T>(&self, future: impl Future<Output = T>, killed: impl Fn() -> bool) -> Ending<T> {
        let until = self.now() + FOREVER;
        let mut future = pin!(future);
        loop {
            let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            if killed() {
                return Ending::Killed;
            }
            if let Poll::Ready(result) = polled {
                return Ending::Done(result);
            }
            let mut timers = self.timers();
            let Some(((at, _), _)) = timers.waiting.first_key_value() else { return Ending::Never };
            let at = *at;
            if at > until {
                return Ending::Never;
            }
            timers.now = timers.now.max(at);
            let later = timers.waiting.split_off(&(at + Duration::from_nanos(1), 0));
            let due = std::mem::replace(&mut timers.waiting, later);
            drop(timers);
            due.into_values().for_each(Waker::wake);
        }
    }

    /// Advances time while nothing waits.
    pub fn advance(&self, by: Duration) {
        self.timers().now += by;
    }
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Duration {
        self.timers().now
    }

    fn wall(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(1_800_000_000).expect("in range") + self.now()
    }

    async fn sleep(&self, duration: Duration) {
        Sleep { clock: self.clone(), until: self.now() + duration }.await;
    }
}

struct Sleep {
    clock: SimClock,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut timers = self.clock.timers();
        if timers.now >= self.until {
            return Poll::Ready(());
        }
        let id = timers.next;
        timers.next += 1;
        timers.waiting.insert((self.until, id), context.waker().clone());
        Poll::Pending
    }
}
