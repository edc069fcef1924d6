//! Five percent of the requests are answered 500 or 503, lost, or cut off, and nothing is lost or created twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kopsform_env::Environment;
use kopsform_pki::{Keysets, SystemKeySource, TOKENS};
use kopsform_state::{ClusterStore, Holder, MissingKeys, StateStore};

use super::proxy::{Fate, Proxy, Request};
use super::servers::{Server, servers};
use super::specs::{NAME, contents, holder, in_depth, plan, store, whole};

/// Makes five percent of the requests fail, spread out, in each way in turn.
fn five_of_a_hundred(_: &Request, number: usize) -> Fate {
    const KINDS: [Fate; 4] = [Fate::Refuse(500), Fate::Refuse(503), Fate::Lose, Fate::CutOff];
    // A fixed scramble of the number: the same requests of each run, but no regular distance.
    let scrambled = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    if scrambled.is_multiple_of(20) { KINDS[(scrambled / 20) as usize % KINDS.len()] } else { Fate::Pass }
}

#[test]
fn failed_requests_lose_nothing() {
    in_depth(async || {
        for server in servers() {
            let proxy = Proxy::start(&server.address, five_of_a_hundred);
            let (faulty, direct) = (server.state_store(&proxy.address), server.state_store(&server.address));
            for round in 1..=15 {
                let text = whole(10, round);
                store(&faulty, &text).await.unwrap();
                // What was reported as done is there, whole.
                assert_eq!(contents(&direct).await.len(), 12, "{}", server.name);
                assert_eq!(plan(&direct, &text).await.unwrap().changed().count(), 0, "{}, round {round}", server.name);
            }
            let requests = proxy.requests().len();
            assert!(requests > 400, "{}: {requests} requests are too few", server.name);
            assert!(direct.store().list(".kopsform/").await.unwrap().is_empty(), "{}: a lock is left", server.name);
        }
    });
}

#[test]
fn failed_requests_create_no_keyset_twice() {
    in_depth(async || {
        for server in servers() {
            let proxy = Proxy::start(&server.address, five_of_a_hundred);
            let direct = server.state_store(&server.address);
            store(&direct, &whole(1, 1)).await.unwrap();
            let names: Vec<String> = ["kubernetes-ca", "service-account", "etcd-clients-ca", "apiserver-aggregator-ca"]
                .map(str::to_owned)
                .to_vec();
            // Several programs find that everything is missing, and all make it.
            let programs: Vec<StateStore> = (0..4).map(|_| server.state_store(&proxy.address)).collect();
            let runs = programs.iter().map(|state| ensure(state, &names));
            let mut seen: Option<Keysets> = None;
            for keysets in futures::future::join_all(runs).await {
                assert_eq!(seen.get_or_insert_with(|| keysets.clone()), &keysets, "two programs hold different keys");
            }
            let (cluster, _) = ClusterStore::load(&direct, NAME).await.unwrap();
            let stored: BTreeMap<_, _> = cluster.keysets(&names).await.unwrap().into_iter().collect();
            assert!(stored.values().all(|keyset| keyset.items.len() == 1), "a keyset has two generations");
            assert_eq!(Some(stored), seen.map(|keysets| keysets.into_iter().collect()));
            assert_eq!(cluster.secret_names().await.unwrap(), TOKENS);
            let before = contents(&direct).await;
            ensure(&direct, &names).await;
            assert_eq!(contents(&direct).await, before, "{}", server.name);
        }
    });
}

async fn ensure(state: &StateStore, names: &[String]) -> Keysets {
    let (store, _) = ClusterStore::load(state, NAME).await.unwrap();
    let source = Arc::new(SystemKeySource::from_environment(&Environment::default()).unwrap());
    // Making keys takes long on a busy machine, and the others wait for the first.
    let holder = Holder { patience: Duration::from_secs(240), ..holder() };
    let plan = kopsform_state::plan_keys(&store, names, MissingKeys::Create, source).await.unwrap();
    plan.store(&store, &holder).await.unwrap().0
}

/// An answer of S3, and one of Cloud Storage.
struct Answers {
    s3: &'static str,
    gs: &'static str,
}

impl Answers {
    fn of(&self, server: &Server) -> Fate {
        Fate::Answer(if server.bucket.starts_with("gs://") { self.gs } else { self.s3 })
    }
}

const DENIED: Answers = Answers {
    s3: "HTTP/1.1 403 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
         <?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
    gs: "HTTP/1.1 403 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
         {\"error\": {\"code\": 403, \"message\": \"no access\", \"errors\": [{\"reason\": \"forbidden\"}]}}",
};

#[test]
fn a_caller_that_may_not_delete_releases_the_lock_by_a_write() {
    in_depth(async || {
        for server in servers() {
            let denied = DENIED.of(&server);
            let judge = move |request: &Request, _| if request.method == "DELETE" { denied } else { Fate::Pass };
            let proxy = Proxy::start(&server.address, judge);
            let state = server.state_store(&proxy.address);
            for round in 1..=3 {
                store(&state, &whole(1, round)).await.unwrap();
                let lock = kopsform_state::current_lock(&state, NAME).await.unwrap();
                assert_eq!(lock, None, "{}, round {round}", server.name);
            }
            // Another machine, which may delete, takes the lock at once.
            let direct = server.state_store(&server.address);
            let holder = Holder { patience: Duration::ZERO, ..holder() };
            kopsform_state::acquire(&direct, NAME, &holder).await.unwrap().release().await;
            assert!(direct.store().list(".kopsform/").await.unwrap().is_empty(), "{}", server.name);
        }
    });
}

const PRECONDITION_FAILED: Answers = Answers {
    s3: "HTTP/1.1 412 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
         <?xml version=\"1.0\"?>\n<Error><Code>PreconditionFailed</Code><Message>x</Message></Error>",
    gs: "HTTP/1.1 412 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n\
         {\"error\": {\"code\": 412, \"message\": \"x\", \"errors\": [{\"reason\": \"conditionNotMet\"}]}}",
};

/// Whether a request is only carried out under a condition.
fn is_conditional(request: &Request) -> bool {
    let in_head = request.head.contains("if-match:") || request.head.contains("if-none-match:");
    in_head || request.path.contains("ifGenerationMatch=")
}

#[test]
fn a_server_that_refuses_every_condition_is_not_asked_without_end() {
    in_depth(async || {
        for server in servers() {
            let refused = PRECONDITION_FAILED.of(&server);
            let judge = move |request: &Request, _| if is_conditional(request) { refused } else { Fate::Pass };
            let proxy = Proxy::start(&server.address, judge);
            let state = server.state_store(&proxy.address);
            let plan = plan(&state, &whole(1, 1)).await.unwrap();
            let holder = Holder { patience: Duration::from_secs(2), ..holder() };
            let error = kopsform::ops::replace::apply(&state, plan, &holder).await.unwrap_err();
            assert!(error.to_string().contains("as if it existed"), "{}: {error}", server.name);
            assert!(proxy.requests().len() < 100, "{}: {} requests", server.name, proxy.requests().len());
        }
    });
}
