//! Five percent of the requests are answered 500 or 503, lost, or cut off, and nothing is lost or created twice.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kopsform_env::Environment;
use kopsform_pki::{Keysets, SystemKeySource, TOKENS};
use kopsform_state::{ClusterStore, Holder, MissingKeys, StateStore};

use super::moto::{moto, state_store};
use super::proxy::{Fate, Proxy, Request};
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
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        let proxy = Proxy::start(&moto.address, five_of_a_hundred);
        let (faulty, direct) = (state_store(&proxy.address, &bucket), state_store(&moto.address, &bucket));
        for round in 1..=15 {
            let text = whole(10, round);
            store(&faulty, &text).await.unwrap();
            // What was reported as done is there, whole.
            assert_eq!(contents(&direct).await.len(), 12);
            assert_eq!(plan(&direct, &text).await.unwrap().changed().count(), 0, "round {round}");
        }
        assert!(proxy.requests().len() > 400, "{} requests are too few", proxy.requests().len());
        assert!(direct.store().list(".kopsform/").await.unwrap().is_empty(), "a lock is left");
    });
}

#[test]
fn failed_requests_create_no_keyset_twice() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        let proxy = Proxy::start(&moto.address, five_of_a_hundred);
        let direct = state_store(&moto.address, &bucket);
        store(&direct, &whole(1, 1)).await.unwrap();
        let names: Vec<String> = ["kubernetes-ca", "service-account", "etcd-clients-ca", "apiserver-aggregator-ca"]
            .map(str::to_owned)
            .to_vec();
        // Several programs find that everything is missing, and all make it.
        let programs: Vec<StateStore> = (0..4).map(|_| state_store(&proxy.address, &bucket)).collect();
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
        assert_eq!(contents(&direct).await, before);
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

/// Answers of servers that do not know conditions, or requests that delete several objects.
const UNKNOWN: [&str; 4] = [
    "HTTP/1.1 501 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
     <?xml version=\"1.0\"?>\n<Error><Code>NotImplemented</Code><Message>A header you provided implies functionality \
     that is not implemented</Message></Error>",
    "HTTP/1.1 501 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 400 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
     <?xml version=\"1.0\"?>\n<Error><Code>InvalidArgument</Code><Message>Invalid argument</Message></Error>",
    "HTTP/1.1 400 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
     <?xml version=\"1.0\"?>\n<Error><Code>MissingContentMD5</Code><Message>Missing header</Message></Error>",
];

#[test]
fn a_server_without_conditions_is_written_to_after_a_look() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        for answer in UNKNOWN {
            let bucket = moto.bucket();
            let proxy = Proxy::start(&moto.address, move |request, _| {
                let conditional = request.head.contains("if-match:") || request.head.contains("if-none-match:");
                let deletes_several = request.method == "POST" && request.path.contains("delete");
                if conditional || deletes_several { Fate::Answer(answer) } else { Fate::Pass }
            });
            let state = state_store(&proxy.address, &bucket);
            store(&state, &whole(2, 1)).await.unwrap();
            // A writer that read before another one wrote gets a conflict all the same.
            let late = plan(&state, &whole(2, 2)).await.unwrap();
            store(&state, &whole(2, 3)).await.unwrap();
            let error = kopsform::ops::replace::apply(&state, late, &holder()).await.unwrap_err();
            assert!(error.to_string().contains("has been modified by another writer"), "{error}");
            assert_eq!(plan(&state, &whole(2, 3)).await.unwrap().changed().count(), 0);
            assert!(state.store().list(".kopsform/").await.unwrap().is_empty());
            // Objects are deleted one by one.
            let keys = state.store().list("").await.unwrap();
            assert!(!keys.is_empty());
            state.store().delete_all(&keys).await.unwrap();
            assert!(state.store().list("").await.unwrap().is_empty(), "{answer}");
        }
    });
}

#[test]
fn the_user_is_warned_once_of_a_server_without_conditions() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        let proxy = Proxy::start(&moto.address, |request, _| {
            let conditional = request.head.contains("if-match:") || request.head.contains("if-none-match:");
            if conditional { Fate::Answer(UNKNOWN[0]) } else { Fate::Pass }
        });
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("specs.yml");
        std::fs::write(&file, whole(2, 1)).unwrap();
        let mut command = crate::support::kopsform(home.path());
        command.envs(super::moto::settings(&proxy.address)).env("KOPS_STATE_STORE", format!("s3://{bucket}"));
        let output = crate::support::succeed(command.args(["replace", "--force", "--offline", "-f"]).arg(&file));
        let said = crate::support::stderr(&output);
        assert_eq!(said.matches("does not support conditional writes").count(), 1, "{said}");
        assert!(said.contains("docs/state-store.md"), "{said}");
    });
}

const DENIED: &str = "HTTP/1.1 403 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
    <?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";

#[test]
fn a_caller_that_may_not_delete_releases_the_lock_by_a_write() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        let proxy =
            Proxy::start(
                &moto.address,
                |request, _| {
                    if request.method == "DELETE" { Fate::Answer(DENIED) } else { Fate::Pass }
                },
            );
        let state = state_store(&proxy.address, &bucket);
        for round in 1..=3 {
            store(&state, &whole(1, round)).await.unwrap();
            assert_eq!(kopsform_state::current_lock(&state, NAME).await.unwrap(), None, "round {round}");
        }
        // Another machine, which may delete, takes the lock at once.
        let direct = state_store(&moto.address, &bucket);
        let holder = Holder { patience: Duration::ZERO, ..holder() };
        kopsform_state::acquire(&direct, NAME, &holder).await.unwrap().release().await;
        assert!(direct.store().list(".kopsform/").await.unwrap().is_empty());
    });
}

const PRECONDITION_FAILED: &str = "HTTP/1.1 412 X\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n\
    <?xml version=\"1.0\"?>\n<Error><Code>PreconditionFailed</Code><Message>x</Message></Error>";

#[test]
fn a_server_that_refuses_every_condition_is_not_asked_without_end() {
    in_depth(async || {
        let Some(moto) = moto() else { return };
        let bucket = moto.bucket();
        let proxy = Proxy::start(&moto.address, |request, _| {
            let conditional = request.head.contains("if-match:") || request.head.contains("if-none-match:");
            if conditional { Fate::Answer(PRECONDITION_FAILED) } else { Fate::Pass }
        });
        let state = state_store(&proxy.address, &bucket);
        let plan = plan(&state, &whole(1, 1)).await.unwrap();
        let holder = Holder { patience: Duration::from_secs(2), ..holder() };
        let error = kopsform::ops::replace::apply(&state, plan, &holder).await.unwrap_err();
        assert!(error.to_string().contains("as if it existed"), "{error}");
        assert!(proxy.requests().len() < 100, "{} requests", proxy.requests().len());
    });
}
