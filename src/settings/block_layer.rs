//! Applies the variables of repeated sections to the file's: workspaces by name, routes as a whole.

use std::collections::BTreeMap;

use super::block_variables::{self, API_KEY, WEBHOOK_SECRET, Which};
use super::environment::Environment;
use super::layers::{Gathered, Value};
use super::problem::Problem;
use super::raw::Raw;
use super::recall::DEFAULT_WORKSPACE;
use super::show::Shown;
use super::source::Source;
use super::unknown::closest;
use super::variable::{NAME, ROUTES, WORKSPACES, variable_of};

/// The variables of one entry, without `_FILE`, under the keys that they set.
type Variables = BTreeMap<String, String>;

/// Settings of which a workspace needs at least one to receive any data.
const MAKE_IT_WORK: [&str; 2] = [API_KEY, WEBHOOK_SECRET];

impl Gathered {
    /// Adds workspaces and routes that variables describe.
    ///
    /// Workspaces have names, so their variables override or add. Routes have no names and their order
    /// matters. If the environment has any, they therefore replace those of the file.
    pub(super) fn add_blocks(&mut self, environment: &Environment) {
        // In maps, so that the order follows from the names and not from the environment.
        let mut workspaces: BTreeMap<String, Variables> = BTreeMap::new();
        let mut routes: BTreeMap<u32, Variables> = BTreeMap::new();
        for name in environment.variables.keys() {
            match block_variables::read(name) {
                None => {}
                Some(Err(problem)) => self.problems.push(problem),
                Some(Ok(own)) => {
                    let variables = match own.which {
                        Which::Named(name) => workspaces.entry(name).or_default(),
                        Which::Numbered(number) => routes.entry(number).or_default(),
                    };
                    variables.insert(own.key, own.variable);
                }
            }
        }
        let of_file = self.workspace_names();
        let mut added = Vec::new();
        for (name, variables) in workspaces {
            let Some(index) = self.workspace(&name, &variables, &of_file) else { continue };
            for (key, variable) in &variables {
                self.add_variable(format!("{WORKSPACES}[{index}].{key}"), variable.clone(), environment);
            }
            if index > of_file.len() {
                added.push((name, variables));
            }
        }
        // An unreadable value isn't known, so nothing is compared with it.
        let is_read =
            |problem: &Problem| !matches!(problem, Problem::Syntax { .. } | Problem::NotASection { .. });
        if self.problems.iter().all(is_read) {
            self.check_added(&added, &of_file);
        }
        if !routes.is_empty() {
            self.add_routes(routes, environment);
        }
    }

    /// Returns the index of the workspace that the variables name; it is added if the file doesn't have it.
    fn workspace(&mut self, name: &str, variables: &Variables, of_file: &[Option<String>]) -> Option<usize> {
        let mut alike: BTreeMap<&String, usize> = BTreeMap::new();
        for (place, own) in of_file.iter().enumerate() {
            if let Some(own) = own.as_ref().filter(|own| own.replace('-', "_") == name) {
                alike.entry(own).or_insert(place + 1);
            }
        }
        let mut alike = alike.into_iter();
        match (alike.next(), alike.next()) {
            (Some((_, index)), None) => Some(index),
            (Some((one, _)), Some((other, _))) => {
                self.problems.extend(variables.values().map(|variable| Problem::AmbiguousVariable {
                    variable: variable.clone(),
                    one: one.clone(),
                    other: other.clone(),
                }));
                None
            }
            (None, _) if name == DEFAULT_WORKSPACE => {
                self.problems.extend(variables.iter().map(|(key, variable)| Problem::UnknownVariable {
                    name: variable.clone(),
                    suggestion: Some(variable_of("recall", key)),
                    known: Vec::new(),
                }));
                None
            }
            (None, _) => {
                let source = Source::Variables(Which::Named(name.to_owned()).beginning());
                let index = self.add_block(WORKSPACES, source.clone());
                let raw = Raw::Untyped(name.to_owned());
                self.values.insert(format!("{WORKSPACES}[{index}].{NAME}"), Value { raw, source });
                Some(index)
            }
        }
    }

    /// A typo in a name would add a workspace next to the intended one. It is found if one of the two lacks what
    /// every workspace needs.
    fn check_added(&mut self, added: &[(String, Variables)], of_file: &[Option<String>]) {
        for (name, variables) in added {
            let is_complete = MAKE_IT_WORK.iter().any(|key| variables.contains_key(*key));
            let works = |index: usize| {
                MAKE_IT_WORK
                    .iter()
                    .any(|key| self.values.contains_key(&format!("{WORKSPACES}[{index}].{key}")))
            };
            let candidates = of_file
                .iter()
                .enumerate()
                .filter_map(|(place, own)| own.as_deref().filter(|_| !is_complete || !works(place + 1)));
            let meant = closest(name, candidates);
            if is_complete && meant.is_none() {
                continue;
            }
            let own = Which::Named(name.clone());
            let meant = meant.map(Which::Named);
            self.problems.extend(variables.iter().map(|(key, variable)| Problem::UnknownWorkspace {
                variable: variable.clone(),
                name: name.clone(),
                suggestion: meant.as_ref().map(|meant| meant.variable(key)),
                lacks: own.variable(API_KEY),
            }));
        }
    }

    fn add_routes(&mut self, routes: BTreeMap<u32, Variables>, environment: &Environment) {
        let of_file = self.blocks.remove(ROUTES).map_or(0, |blocks| blocks.len());
        self.values.retain(|key, _| !key.starts_with(&format!("{ROUTES}[")));
        for (number, variables) in routes {
            let source = Source::Variables(Which::Numbered(number).beginning());
            if of_file > 0 && !self.notes.contains_key(ROUTES) {
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

    /// Adds an entry and returns its index.
    fn add_block(&mut self, section: &str, source: Source) -> usize {
        let blocks = self.blocks.entry(section.to_owned()).or_default();
        blocks.push(source);
        blocks.len()
    }

    /// Returns the names of the workspaces so far, in the order of their entries.
    fn workspace_names(&self) -> Vec<Option<String>> {
        let count = self.blocks.get(WORKSPACES).map_or(0, Vec::len);
        let name = |index: usize| match &self.values.get(&format!("{WORKSPACES}[{index}].{NAME}"))?.raw {
            Raw::Text(name) | Raw::Untyped(name) => Some(name.trim().to_owned()),
            Raw::Whole(_) | Raw::Flag(_) | Raw::List(_) | Raw::Map(_) | Raw::Other(_) => None,
        };
        (1..=count).map(name).collect()
    }
}
