//! What the documents name exists: commands, flags, settings, variables, metrics, alert rules, files, links, types,
//! and the texts that the program prints.

mod facts;
mod words;

use crate::world::shipped::{files, read};

/// Every page that a person reads, generated ones included.
fn pages() -> Vec<String> {
    let at_the_root = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md"];
    let mut pages: Vec<String> = at_the_root.map(str::to_owned).to_vec();
    pages.extend(files("docs", &[".md"]));
    pages.push("config/catalogue/README.md".to_owned());
    pages
}

/// A page, cut into what is prose and what is code.
struct Page {
    path: String,
    /// The prose, with its line numbers, and without code and addresses.
    prose: Vec<(usize, String)>,
    /// Code inside of sentences.
    spans: Vec<String>,
    /// Lines of blocks that a shell runs.
    commands: Vec<String>,
    /// Where its links lead.
    links: Vec<String>,
    /// The anchors of its headings.
    anchors: Vec<String>,
}

impl Page {
    fn read(path: &str) -> Self {
        let mut page = Self {
            path: path.to_owned(),
            prose: Vec::new(),
            spans: Vec::new(),
            commands: Vec::new(),
            links: Vec::new(),
            anchors: Vec::new(),
        };
        let mut block: Option<String> = None;
        for (number, line) in read(path).lines().enumerate() {
            let trimmed = line.trim();
            match (&block, trimmed.strip_prefix("```")) {
                (None, Some(language)) => block = Some(language.to_owned()),
                (Some(_), Some(_)) => block = None,
                (Some(language), None) if language == "sh" => page.commands.push(trimmed.to_owned()),
                (Some(_), None) => {}
                (None, None) => page.line(number + 1, line),
            }
        }
        page
    }

    fn line(&mut self, number: usize, line: &str) {
        if let Some(heading) = line.starts_with('#').then(|| line.trim_start_matches('#').trim()) {
            self.anchors.push(anchor(heading));
        }
        self.anchors.extend(
            line.split("<a id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned),
        );
        let mut prose = String::new();
        for (index, part) in line.split('`').enumerate() {
            if index % 2 == 0 { prose.push_str(part) } else { self.spans.push(part.replace("\\|", "|")) }
        }
        while let Some(at) = prose.find("](") {
            let Some(length) = prose[at..].find(')') else { break };
            self.links.push(prose[at + 2..at + length].to_owned());
            prose.replace_range(at..=at + length, "");
        }
        self.prose.push((number, prose));
    }
}

/// The anchor that a forge makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
