#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(id, address)| ((*id).to_owned(), (*address).to_owned())).collect()
}

fn steps(moves: &[Move]) -> Vec<(&str, &str)> {
    moves.iter().map(|step| (step.from.as_str(), step.to.as_str())).collect()
}

/// The record after runs that wrote these addresses, none of which met an obstacle.
fn record(runs: &[&[(&str, &str)]]) -> Addresses {
    let mut record = Addresses::default();
    for run in runs {
        let (next, obstacles) = record.after(&map(run));
        assert_eq!(obstacles, [], "{run:?}");
        record = next;
    }
    record
}

#[test]
fn a_state_that_skipped_a_run_is_moved_along_the_chain() {
    let record = record(&[&[("Vpc/a", "aws_vpc.a")], &[("Vpc/a", "aws_vpc.b")], &[("Vpc/a", "aws_vpc.c")]]);
    assert_eq!(steps(&record.moves()), [("aws_vpc.a", "aws_vpc.b"), ("aws_vpc.b", "aws_vpc.c")]);
    assert_eq!(steps(&record.direct_moves()), [("aws_vpc.b", "aws_vpc.c"), ("aws_vpc.a", "aws_vpc.c")]);
}

#[test]
fn going_back_reverses_the_move() {
    let there = [("Vpc/a", "aws_vpc.a")];
    let away = [("Vpc/a", "aws_vpc.all[\"a\"]")];
    assert_eq!(steps(&record(&[&there, &away, &there]).moves()), [("aws_vpc.all[\"a\"]", "aws_vpc.a")]);
    assert_eq!(steps(&record(&[&there, &away, &there, &away]).moves()), [("aws_vpc.a", "aws_vpc.all[\"a\"]")]);
}

#[test]
fn a_resource_that_is_gone_has_no_moves() {
    let record = record(&[&[("Vpc/a", "aws_vpc.a")], &[("Vpc/a", "aws_vpc.b")], &[]]);
    assert_eq!((record.moves(), record.earlier.len()), (vec![], 0));
}

#[test]
fn a_new_resource_takes_an_address_that_is_free_by_now() {
    let runs: [&[(&str, &str)]; 3] =
        [&[("Vpc/a", "aws_vpc.x")], &[("Vpc/a", "aws_vpc.y")], &[("Vpc/a", "aws_vpc.y"), ("Vpc/b", "aws_vpc.x")]];
    assert_eq!(record(&runs).moves(), [], "aws_vpc.x is another resource now");
}

#[test]
fn what_terraform_refuses_to_move_is_an_obstacle() {
    let reason = |before: &[(&str, &str)], after: &[(&str, &str)]| {
        let (next, obstacles) = record(&[before]).after(&map(after));
        assert_eq!(next.moves(), [], "no block for what cannot be moved");
        obstacles[0].reason
    };
    let (occupied, reused, other) = (ObstacleReason::Occupied, ObstacleReason::Reused, ObstacleReason::OtherType);
    assert_eq!(reason(&[("A/a", "t.a"), ("A/b", "t.b")], &[("A/a", "t.b")]), occupied);
    assert_eq!(reason(&[("A/a", "t.a")], &[("A/a", "t.b"), ("A/b", "t.a")]), reused);
    assert_eq!(reason(&[("A/a", "t.a")], &[("A/a", "u.a")]), other);
    // Without keys, `t.all` stands for all its instances.
    assert_eq!(reason(&[("A/a", "t.all")], &[("A/a", "t.b"), ("A/b", "t.all[\"b\"]")]), reused);
}

#[test]
fn a_name_like_that_of_a_group_of_resources_is_moved_alone() {
    let before = [("A/all", "t.all"), ("A/b", "t.b")];
    let after = [("A/all", "t.all[\"all\"]"), ("A/b", "t.all[\"b\"]")];
    assert_eq!(steps(&record(&[&before, &after]).moves()), [("t.all", "t.all[\"all\"]"), ("t.b", "t.all[\"b\"]")]);
}

#[test]
fn modules_are_part_of_addresses() {
    let record = record(&[&[("Vpc/a", "aws_vpc.a")], &[("Vpc/a", "aws_vpc.b")]]);
    let inside = record.clone().in_modules("", "module.cluster");
    assert_eq!(steps(&inside.moves()), [("aws_vpc.a", "module.cluster.aws_vpc.b")]);
    let both = record.in_modules("module.x[\"a\"]", "module.y");
    assert_eq!(steps(&both.moves()), [("module.x[\"a\"].aws_vpc.a", "module.y.aws_vpc.b")]);
}

#[test]
fn modules_have_addresses_of_their_own() {
    for module in ["module.a", "module.a[\"b.c] \\\" d\"]", "module.a[0].module.b-c"] {
        assert!(is_module(module), "{module}");
        let address = format!("{module}.aws_vpc.x[\"y\"]");
        assert_eq!(
            (type_of(&address), base(&address), is_keyed(&address)),
            ("aws_vpc", address.trim_end_matches("[\"y\"]"), true)
        );
        assert!(!is_address(&address));
    }
    for module in ["", "module", "module.", "a", "module.a.", "module.a.b", "module.a[b]", "module.a[0]x", "module.a b"]
    {
        assert!(!is_module(module), "{module}");
    }
}

#[test]
fn blocks_are_hcl_and_keys_stay_quoted() {
    let moves = [Move { from: "aws_vpc.a".to_owned(), to: r#"aws_vpc.all["a.b \"c\""]"#.to_owned() }];
    let body = hcl::parse(&moved_file(&moves)).unwrap();
    assert_eq!(body.blocks().filter(|block| block.identifier() == "moved").count(), 1);
    let text = script(&[Move { from: "a.b".to_owned(), to: "a.c[\"it's\"]".to_owned() }]);
    assert!(text.ends_with("\nmove 'a.b' 'a.c[\"it'\\''s\"]'\n"), "{text}");
}

/// Terraform on a state: every resource follows `moved` blocks to their end. Address → identity.
fn applied(state: &BTreeMap<String, String>, moves: &[Move]) -> BTreeMap<String, String> {
    let next: BTreeMap<&str, &str> = moves.iter().map(|step| (step.from.as_str(), step.to.as_str())).collect();
    let mut moved = BTreeMap::new();
    for (address, id) in state {
        let mut at = address.as_str();
        for _ in 0..=moves.len() {
            at = next.get(at).copied().unwrap_or(at);
        }
        assert!(!next.contains_key(at), "a cycle at {at}");
        assert!(moved.insert(at.to_owned(), id.clone()).is_none(), "two resources at {at}");
    }
    moved
}

/// Runs that each write some of six resources, each at one of four addresses that no other resource ever has.
fn runs() -> impl Strategy<Value = Vec<BTreeMap<String, String>>> {
    let resource = proptest::option::weighted(0.8, 0..4usize);
    let run = proptest::collection::vec(resource, 6).prop_map(|resources| {
        let at = |(id, form): (usize, usize)| match form {
            0 => format!("t.r{id}"),
            1 => format!("t.all[\"r{id}\"]"),
            2 => format!("t.short{id}"),
            _ => format!("t.other[\"{id}\"]"),
        };
        let present = resources.iter().enumerate().filter_map(|(id, form)| Some((id, (*form)?)));
        present.map(|(id, form)| (format!("K/{id}"), at((id, form)))).collect()
    });
    proptest::collection::vec(run, 1..8)
}

proptest! {
    #[test]
    fn every_state_reaches_the_newest_addresses(runs in runs()) {
        let mut record = Addresses::default();
        for run in &runs {
            record = record.after(run).0;
        }
        let moves = record.moves();
        let newest = runs.last().unwrap();
        // The last run in which each resource has been present without a gap: before a gap it was destroyed.
        for (index, run) in runs.iter().enumerate() {
            let kept = |id: &String| runs[index..].iter().all(|later| later.contains_key(id));
            let state = run.iter().filter(|(id, _)| kept(id)).map(|(id, address)| (address.clone(), id.clone())).collect();
            for (address, id) in applied(&state, &moves) {
                prop_assert_eq!(&newest[&id], &address, "state of run {}", index);
            }
        }
    }

    /// Also where resources take one another's addresses.
    #[test]
    fn terraform_accepts_the_blocks(runs in proptest::collection::vec(proptest::collection::hash_map(0..5usize, 0..7usize, 0..5), 1..8)) {
        let mut record = Addresses::default();
        for run in &runs {
            let mut taken = BTreeSet::new();
            let address = |number: &usize| match number {
                5 => "t.group[\"a\"]".to_owned(),
                6 => "t.group".to_owned(),
                number => format!("t.r{number}"),
            };
            let run: BTreeMap<_, _> = run.iter().filter(|(_, at)| taken.insert(**at)).map(|(id, at)| (format!("K/{id}"), address(at))).collect();
            record = record.after(&run).0;
            let moves = record.moves();
            let from: BTreeSet<_> = moves.iter().map(|step| &step.from).collect();
            let to: BTreeSet<_> = moves.iter().map(|step| &step.to).collect();
            prop_assert_eq!(from.len(), moves.len(), "{:?}", &moves);
            prop_assert_eq!(to.len(), moves.len(), "{:?}", &moves);
            for step in &moves {
                prop_assert!(!run.values().any(|address| *address == step.from), "{:?} is still declared", step);
            }
            // No cycle: following from any start ends.
            applied(&moves.iter().map(|step| (step.from.clone(), step.from.clone())).take(1).collect(), &moves);
        }
    }

    #[test]
    fn the_same_run_again_changes_no_moves(runs in runs()) {
        let mut record = Addresses::default();
        for run in &runs {
            record = record.after(run).0;
        }
        let (again, obstacles) = record.after(runs.last().unwrap());
        prop_assert_eq!(obstacles, vec![]);
        prop_assert_eq!(again, record);
    }
}
