//! What a message holds, and the requests of Discord's that carry it.

use serenity::builder::{
    CreateActionRow, CreateAllowedMentions, CreateEmbed, CreateInteractionResponseFollowup, CreateMessage,
    EditMessage, EditWebhookMessage,
};

/// A message, whichever way it is sent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Body {
    /// The text above everything else.
    pub content: String,
    /// The boxes below it.
    pub embeds: Vec<CreateEmbed>,
    /// The buttons below those. An edit to none takes them away.
    pub components: Vec<CreateActionRow>,
    /// Who is notified.
    pub allowed_mentions: CreateAllowedMentions,
}

impl Body {
    /// As a new message in a channel or thread.
    pub fn message(&self) -> CreateMessage {
        CreateMessage::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }

    /// As a new message through an interaction.
    pub fn follow_up(&self) -> CreateInteractionResponseFollowup {
        CreateInteractionResponseFollowup::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }

    /// As a change of a message in a channel or thread.
    pub fn edit(&self) -> EditMessage {
        EditMessage::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }

    /// As a change through an interaction: of its first answer, or of a later one. serenity's follow-up would serve too,
    /// but names an empty list of attachments, and with it Discord removes those that there are.
    pub fn edit_through_interaction(&self) -> EditWebhookMessage {
        EditWebhookMessage::new()
            .content(&self.content)
            .embeds(self.embeds.clone())
            .components(self.components.clone())
            .allowed_mentions(self.allowed_mentions.clone())
    }
}
