//! Lays the variables of repeated sections over what the file says: workspaces by name, routes as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::block_variables::{
    self, API_KEY, NAME, ROUTES, WEBHOOK_SECRET, WORKSPACES, Which, name_in_variables,
};
use super::environment::{Environment, variable_of};
use super::layers::{Gathered, Value};
use super::problem::Problem;
use super::raw::Raw;
use super::recall::DEFAULT_WORKSPACE;
use super::show::Shown;
use super::source::Source;
use super::unknown::closest;

/// The variables of one entry, without `_FILE`, by the key that they set.
type Variables = BTreeMap<String, String>;

impl Gathered {
    /// Adds workspaces and routes that variables describe.
    ///
    /// Workspaces have names, so their variables override or add. The order of routes means something and they have
    /// no names, so routes of the environment are all the routes there are.
    pub(super) fn add_blocks(&mut self, environment: &Environment) {
        let mut workspaces: BTreeMap<Which, Variables> = BTreeMap::new();
        let mut routes: BTreeMap<Which, Variables> = BTreeMap::new();
        for name in environment.variables.keys() {
            match block_variables::read(name) {
                None => {}
                Some(Err(problem)) => self.problems.push(problem),
                Some(Ok(own)) => {
                    let of_section = if own.section == WORKSPACES { &mut workspaces } else { &mut routes };
                    of_section.entry(own.which).or_default().insert(own.key, own.variable);
                }
            }
        }
        let mut added = Vec::new();
        for (which, variables) in workspaces {
            self.add_workspace(&which, variables, environment, &mut added);
        }
        self.check_added(&added);
        if !routes.is_empty() {
            self.add_routes(routes, environment);
        }
    }

    fn add_workspace(
        &mut self,
        which: &Which,
        variables: Variables,
        environment: &Environment,
        added: &mut Vec<Added>,
    ) {
        let Which::Named(name) = which else { return };
        let alike: BTreeMap<String, usize> = self
            .workspace_names()
            .into_iter()
            .filter(|(own, _)| own.replace('-', "_") == *name)
            .rev()
            .collect();
        let index =
            match alike.into_iter().collect::<Vec<_>>().as_slice() {
                [(_, index)] => *index,
                [(one, _), (other, _), ..] => {
                    self.problems.extend(variables.into_values().map(|variable| {
                        Problem::AmbiguousVariable { variable, one: one.clone(), other: other.clone() }
                    }));
                    return;
                }
                [] if name == DEFAULT_WORKSPACE => {
                    self.problems.extend(variables.into_iter().map(|(key, name)| Problem::UnknownVariable {
                        name,
                        suggestion: Some(variable_of("recall", &key)),
                        known: Vec::new(),
                    }));
                    return;
                }
                [] => {
                    let source = Source::Variables(which.beginning(WORKSPACES));
                    let index = self.add_block(WORKSPACES, source.clone());
                    let raw = Raw::Untyped(name.clone());
                    self.values.insert(format!("{WORKSPACES}[{index}].{NAME}"), Value { raw, source });
                    added.push(Added { name: name.clone(), variables: variables.clone() });
                    index
                }
            };
        for (key, variable) in variables {
            self.add_variable(format!("{WORKSPACES}[{index}].{key}"), variable, environment);
        }
    }

    /// A slip in a name would add a workspace beside the one that was meant. It shows where one of the two then lacks
    /// what every workspace needs.
    fn check_added(&mut self, added: &[Added]) {
        let is_on = |values: &BTreeMap<String, Value>, index: usize| {
            [API_KEY, WEBHOOK_SECRET]
                .iter()
                .any(|key| values.contains_key(&format!("{WORKSPACES}[{index}].{key}")))
        };
        let names = self.workspace_names();
        let of_file: Vec<&(String, usize)> =
            names.iter().filter(|(name, _)| added.iter().all(|own| own.name != *name)).collect();
        for own in added {
            let is_complete = [API_KEY, WEBHOOK_SECRET].iter().any(|key| own.variables.contains_key(*key));
            let meant: BTreeSet<String> = of_file
                .iter()
                .filter(|(_, index)| !is_complete || !is_on(&self.values, *index))
                .map(|(name, _)| name_in_variables(name))
                .collect();
            let spelt = name_in_variables(&own.name);
            let meant = closest(&spelt, meant.iter().map(String::as_str));
            if is_complete && meant.is_none() {
                continue;
            }
            for (key, variable) in &own.variables {
                let suggested = meant.as_ref().map(|name| {
                    let which = Which::Named(name.to_lowercase());
                    format!("{}{}", which.beginning(WORKSPACES), key.to_uppercase())
                });
                self.problems.push(Problem::UnknownWorkspace {
                    variable: variable.clone(),
                    name: own.name.clone(),
                    suggestion: suggested,
                    lacks: format!(
                        "{}{}",
                        Which::Named(own.name.clone()).beginning(WORKSPACES),
                        API_KEY.to_uppercase()
                    ),
                });
            }
        }
    }

    fn add_routes(&mut self, routes: BTreeMap<Which, Variables>, environment: &Environment) {
        let of_file = self.blocks.remove(ROUTES).map_or(0, |blocks| blocks.len());
        self.values.retain(|key, _| !key.starts_with(&format!("{ROUTES}[")));
        for (number, (which, variables)) in routes.into_iter().enumerate() {
            let source = Source::Variables(which.beginning(ROUTES));
            if number == 0 && of_file > 0 {
                let plural = if of_file == 1 { "" } else { "s" };
                let value = format!("(variables take the place of the file's {of_file} route{plural})");
                let note = Shown { key: ROUTES.to_owned(), value: Some(value), source: source.clone() };
                self.notes.insert(ROUTES.to_owned(), note);
            }
            let index = self.add_block(ROUTES, source);
            for (key, variable) in variables {
                self.add_variable(format!("{ROUTES}[{index}].{key}"), variable, environment);
            }
        }
    }

    /// Begins an entry, and says its number.
    fn add_block(&mut self, section: &str, source: Source) -> usize {
        let blocks = self.blocks.entry(section.to_owned()).or_default();
        blocks.push(source);
        blocks.len()
    }

    /// The names that workspaces have so far, with the numbers of their entries.
    fn workspace_names(&self) -> Vec<(String, usize)> {
        let count = self.blocks.get(WORKSPACES).map_or(0, Vec::len);
        let name = |index: usize| match &self.values.get(&format!("{WORKSPACES}[{index}].{NAME}"))?.raw {
            Raw::Text(name) | Raw::Untyped(name) => Some((name.trim().to_owned(), index)),
            Raw::Whole(_) | Raw::Flag(_) | Raw::List(_) | Raw::Map(_) | Raw::Other(_) => None,
        };
        (1..=count).filter_map(name).collect()
    }
}

/// A workspace that the file does not have.
struct Added {
    name: String,
    variables: Variables,
}
