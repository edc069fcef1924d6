//! Of concurrent writes one succeeds; the other gets a conflict error that shows the change.

use kopsform::ops::replace::{self, ReplaceError};
use kopsform_spec::v1alpha2::InstanceGroup;
use kopsform_state::{CommitError, decode};

use super::cases::places;
use super::specs::{NAME, contents, group, holder, in_depth, plan, store, whole};

/// Rounds of the race.
const ROUNDS: usize = 100;

#[test]
fn of_two_racing_replaces_exactly_one_wins() {
    in_depth(async || {
        for place in places() {
            let state = &place.state;
            store(state, &whole(1, 1)).await.unwrap();
            let mut before = 1;
            for round in 0..ROUNDS {
                let sizes = [10 + 2 * round, 11 + 2 * round];
                let strings = sizes.map(|size| group("nodes-000", "Node", size));
                // Both have read before either writes.
                let (first, second) =
                    (plan(state, &strings[0]).await.unwrap(), plan(state, &strings[1]).await.unwrap());
                let holder = holder();
                let writers = [first, second].map(|plan| replace::apply(state, plan, &holder));
                let mut outcomes = futures::future::join_all(writers).await;
                let winners: Vec<usize> = (0..2).filter(|i| outcomes[*i].is_ok()).collect();
                assert_eq!(winners.len(), 1, "{}, round {round}: {outcomes:?}", place.name);
                let stored = state.cluster(NAME).instance_group("nodes-000").await.unwrap().unwrap();
                assert_eq!(stored.object.spec.max_size, i32::try_from(sizes[winners[0]]).ok(), "{}", place.name);
                let loser = outcomes.swap_remove(1 - winners[0]).unwrap_err();
                let message = loser.to_string();
                assert!(matches!(loser, ReplaceError::Commit(CommitError::Conflict { .. })), "{loser:?}");
                let change = format!("spec.maxSize: {before} → {}", sizes[winners[0]]);
                assert!(message.contains("InstanceGroup/nodes-000") && message.contains(&change), "{message}");
                before = sizes[winners[0]];
            }
        }
    });
}

#[test]
fn a_bad_third_document_leaves_the_store_as_it_was() {
    in_depth(async || {
        for place in places() {
            store(&place.state, &whole(1, 1)).await.unwrap();
            let before = contents(&place.state).await;
            let bad = [
                group("nodes-000", "Node", 2),
                group("nodes-001", "Node", 2),
                group("nodes-002", "Node", 2).replace("us-east-1a", "nowhere"),
            ];
            let error = plan(&place.state, &bad.join("---\n")).await.err().unwrap();
            assert!(error.to_string().contains("specs.yml:"), "{error}");
            assert!(error.to_string().contains("nowhere"), "{error}");
            assert_eq!(contents(&place.state).await, before, "{}", place.name);
        }
    });
}

#[test]
fn what_means_the_same_is_not_written_again() {
    in_depth(async || {
        for place in places() {
            store(&place.state, &whole(2, 3)).await.unwrap();
            let before = contents(&place.state).await;
            assert_eq!(plan(&place.state, &whole(2, 3)).await.unwrap().changed().count(), 0, "{}", place.name);
            store(&place.state, &whole(2, 3)).await.unwrap();
            assert_eq!(contents(&place.state).await, before, "{}", place.name);
            let key = format!("{NAME}/instancegroup/nodes-001");
            let group: InstanceGroup = decode(&key, &before[&key]).unwrap();
            assert_eq!(group.spec.max_size, Some(3));
        }
    });
}
