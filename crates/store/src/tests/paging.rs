//! Lists of organizations, held against a model that has them all in memory.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use umbel_domain::lineage::disjoint;
use umbel_domain::name::fold;
use umbel_domain::{Lineage, Organization};

use super::engines::on_each_engine;
use super::fixtures::{change, id, lineage, named, organization, plant, starting_with, statement};
use crate::engine::Change;
use crate::names::NamePatterns;
use crate::organizations::{Filter, ParentFilter, count, list};
use crate::{Store, Write, admin};

/// Every page of a list, put together.
async fn all_pages(store: &Store, visible: &[Lineage], filter: &Filter, size: usize) -> Vec<Organization> {
    let mut all: Vec<Organization> = Vec::new();
    loop {
        let after = all.last().map_or("", |last| last.lineage.as_str()).to_owned();
        let page = list(&mut admin::read(store).await.unwrap(), visible, filter, &after, size).await.unwrap();
        assert!(page.items.len() <= size && (!page.more || page.items.len() == size), "{page:?}");
        all.extend(page.items);
        if !page.more {
            return all;
        }
        assert!(all.len() < 10_000, "the pages do not end");
    }
}

/// Asserts that pages of `size` and the count answer what the model does.
async fn assert_answers(store: &Store, tree: &[Organization], visible: &[Lineage], filter: &Filter, size: usize) {
    let expected = model(tree, visible, filter);
    let answered = all_pages(store, visible, filter, size).await;
    let places = |found: &[Organization]| found.iter().map(|found| found.lineage.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(places(&answered), places(&expected), "{filter:?} in {visible:?}, {size} a page");
    assert_eq!(answered, expected);
    for max in [1, size as u64, 10_000] {
        let counted = count(&mut admin::read(store).await.unwrap(), visible, filter, max).await;
        assert_eq!(counted, Ok(max.min(expected.len() as u64)), "{filter:?} in {visible:?}, at most {max}");
    }
}

/// What a list answers, by the words of the contract.
fn model(tree: &[Organization], visible: &[Lineage], filter: &Filter) -> Vec<Organization> {
    let holds = |organization: &&Organization| {
        let folded = fold(organization.name.as_str());
        visible.iter().any(|subtree| subtree.contains(&organization.lineage))
            && filter.ids.as_ref().is_none_or(|ids| ids.contains(&organization.id))
            && filter.name.as_ref().is_none_or(|name| name == organization.name.as_str())
            && filter.patterns.starts_with.as_ref().is_none_or(|text| folded.starts_with(&fold(text)))
            && filter.patterns.ends_with.as_ref().is_none_or(|text| folded.ends_with(&fold(text)))
            && filter.patterns.contains.as_ref().is_none_or(|text| folded.contains(&fold(text)))
            && match &filter.parent {
                None => true,
                Some(ParentFilter::None) => organization.lineage.depth() == 1,
                Some(ParentFilter::Organization(parent)) => organization.lineage.parent_id() == Some(parent.as_str()),
            }
    };
    let mut found: Vec<_> = tree.iter().filter(holds).cloned().collect();
    found.sort_by(|a, b| a.lineage.as_str().as_bytes().cmp(b.lineage.as_str().as_bytes()));
    found
}

/// A tree, each organization below one before it or none, with ids that sort around the slash and names full of traps.
fn trees() -> impl Strategy<Value = Vec<Organization>> {
    let node = ("([a-]{1,4}|[a0Z_-]{1,3})", "[aAéÉ%_\\\\ßs0-]{1,4}", any::<prop::sample::Index>(), prop::bool::weighted(0.2));
    prop::collection::vec(node, 1..24).prop_map(|nodes| {
        let mut tree: Vec<Organization> = Vec::new();
        for (id, name, above, is_root) in nodes {
            if tree.iter().any(|organization| organization.id.as_str() == id) {
                continue;
            }
            let parent = (!tree.is_empty() && !is_root).then(|| above.get(&tree).clone());
            let place = parent.as_ref().map_or("", |parent| parent.lineage.as_str());
            let mut child = named(&format!("{place}{id}/"), &name);
            child.parent_name = parent.map(|parent| parent.name.as_str().to_owned());
            tree.push(child);
        }
        tree
    })
}

/// One question: what is visible, which filter, how large a page; drawn from numbers so that it fits any tree.
#[derive(Debug, Clone)]
struct Question {
    subtrees: Vec<prop::sample::Index>,
    everything: bool,
    ids: Option<Vec<prop::sample::Index>>,
    parent: Option<prop::sample::Index>,
    of_roots: bool,
    of_unknown: bool,
    names: [Option<String>; 3],
    exact: Option<prop::sample::Index>,
    size: usize,
}

fn questions() -> impl Strategy<Value = Question> {
    let index = any::<prop::sample::Index>;
    let some = |weight, strategy| prop::option::weighted(weight, strategy);
    let name = || prop::option::weighted(0.2, "[aAéÉ%_\\\\ßsS0-]{1,2}");
    (
        (prop::collection::vec(index(), 0..5), prop::bool::weighted(0.3)),
        prop::option::weighted(0.2, prop::collection::vec(index(), 0..6)),
        (some(0.4, index()), prop::bool::weighted(0.1), prop::bool::weighted(0.05)),
        [name(), name(), name()],
        some(0.1, index()),
        1_usize..6,
    )
        .prop_map(|((subtrees, everything), ids, (parent, of_roots, of_unknown), names, exact, size)| Question {
            subtrees,
            everything,
            ids,
            parent,
            of_roots,
            of_unknown,
            names,
            exact,
            size,
        })
}

impl Question {
    fn visible(&self, tree: &[Organization]) -> Vec<Lineage> {
        if self.everything {
            return vec![Lineage::server()];
        }
        disjoint(self.subtrees.iter().map(|subtree| subtree.get(tree).lineage.clone()).collect())
    }

    fn filter(&self, tree: &[Organization]) -> Filter {
        let [starts, ends, contains] = self.names.clone();
        let parent = match &self.parent {
            _ if self.of_roots => Some(ParentFilter::None),
            _ if self.of_unknown => Some(ParentFilter::Organization(id("unknown"))),
            parent => parent.as_ref().map(|parent| ParentFilter::Organization(parent.get(tree).id.clone())),
        };
        Filter {
            ids: self.ids.as_ref().map(|ids| ids.iter().map(|at| at.get(tree).id.clone()).collect()),
            name: self.exact.as_ref().map(|at| at.get(tree).name.as_str().to_owned()),
            patterns: NamePatterns { equals: None, starts_with: starts, ends_with: ends, contains },
            parent,
        }
    }
}

#[test]
fn pages_put_together_are_what_the_filters_say_in_the_order_of_lineages() {
    on_each_engine(async |store| {
        // The same cases at every run: a failure is a change of the code.
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let config = Config { cases: 40, failure_persistence: None, max_shrink_iters: 300, ..Config::default() };
        let cases = (trees(), prop::collection::vec(questions(), 12));
        let check = |(tree, questions): (Vec<Organization>, Vec<Question>)| {
            let check_all = async {
                change(&store, async |write: &mut Write| {
                    write.execute(&statement("DELETE FROM organizations"), &[]).await.map(drop)
                })
                .await
                .unwrap();
                plant(&store, &tree).await;
                for question in questions {
                    let (visible, filter) = (question.visible(&tree), question.filter(&tree));
                    assert_answers(&store, &tree, &visible, &filter, question.size).await;
                }
            };
            tokio::runtime::Handle::current().block_on(check_all);
            Ok(())
        };
        tokio::task::block_in_place(|| TestRunner::new_with_rng(config, random).run(&cases, check)).unwrap();
    });
}

#[test]
fn a_sibling_whose_id_another_one_begins_with_stays_in_its_place() {
    on_each_engine(async |store| {
        let tree = ["p/", "p/a/", "p/a-/", "p/a--/", "p/a-b/", "p/a-b/x/", "p/a0/", "p/a/y/"].map(organization);
        plant(&store, &tree).await;
        let below = Filter { parent: Some(ParentFilter::Organization(id("p"))), ..Filter::default() };
        for size in 1..4 {
            assert_answers(&store, &tree, &[Lineage::server()], &below, size).await;
            assert_answers(&store, &tree, &[lineage("p/")], &Filter::default(), size).await;
        }
    });
}

#[test]
fn a_caller_with_very_many_grants_sees_all_of_them_once() {
    const ROOTS: usize = 150;
    on_each_engine(async |store| {
        let mut tree = vec![organization("hidden/")];
        for n in 0..ROOTS {
            tree.push(organization(&format!("hidden/c{n}/")));
            tree.push(organization(&format!("hidden/c{n}/leaf{n}/")));
        }
        plant(&store, &tree).await;
        let visible = disjoint((0..ROOTS).map(|n| lineage(&format!("hidden/c{n}/"))).collect());
        let below_hidden = Filter { parent: Some(ParentFilter::Organization(id("hidden"))), ..Filter::default() };
        for size in [7, 40, 1_000] {
            assert_answers(&store, &tree, &visible, &below_hidden, size).await;
            assert_answers(&store, &tree, &visible, &Filter::default(), size).await;
        }
        let leaves = Filter { patterns: starting_with("LEAF1"), ..Filter::default() };
        assert_answers(&store, &tree, &visible, &leaves, 10).await;
    });
}

#[test]
fn a_cursor_deep_in_the_tree_goes_on_behind_it() {
    const DEPTH: usize = 32;
    on_each_engine(async |store| {
        let mut tree = Vec::new();
        let mut above = String::new();
        for level in 0..DEPTH {
            tree.push(organization(&format!("{above}n{level}-/")));
            tree.push(organization(&format!("{above}z{level}/")));
            above = format!("{above}n{level}/");
            tree.push(organization(&above));
        }
        plant(&store, &tree).await;
        let visible = [lineage("n0/"), lineage("n0-/"), lineage("z0/")];
        let visible = disjoint(visible.into());
        for size in [1, 5] {
            assert_answers(&store, &tree, &visible, &Filter::default(), size).await;
            assert_answers(&store, &tree, &[Lineage::server()], &Filter::default(), size).await;
        }
    });
}

#[test]
fn who_sees_nothing_lists_nothing() {
    on_each_engine(async |store| {
        let tree = ["a/", "a/b/"].map(organization);
        plant(&store, &tree).await;
        let below = Filter { parent: Some(ParentFilter::Organization(id("a"))), ..Filter::default() };
        let named = Filter { ids: Some(vec![id("a"), id("b")]), ..Filter::default() };
        for filter in [Filter::default(), below, named] {
            assert_answers(&store, &tree, &[], &filter, 2).await;
        }
    });
}
