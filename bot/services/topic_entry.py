"""Topics at the door: what this installation cannot answer is refused where it is typed, with what to do instead."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import BadTopic
from bot.identity import bare_arxiv_id
from bot.ports import Store
from bot.topics.expression import About, In, Like
from bot.topics.language import Topic, parse_topic
from bot.topics.prose import keywords
from bot.topics.rendering import render

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class TopicEntry:
    """Reads the topics of subscriptions and previews."""

    store: Store
    has_meaning: bool
    """True where `about:` can be answered."""

    async def read(self, text: str) -> Topic:
        """The topic. Raises BadTopic for what cannot be read, and for what this installation cannot answer."""
        topic = parse_topic(text)
        for atom in topic.atoms:
            match atom:
                case About(said) if not self.has_meaning:
                    raise BadTopic(_without_meaning(said))
                case In(place):
                    raise BadTopic(f"in:{place} is for searching; a topic is about papers that are still to come.")
                case Like(paper_id):
                    async with self.store.read() as tx:
                        known = await tx.papers.get(paper_id)
                    if known is None:
                        named = bare_arxiv_id(paper_id) or paper_id
                        raise BadTopic(f"like:{named} names a paper that is not among those I know.")
                case _:
                    pass
        return topic


def stored_topic(text: str) -> Topic | None:
    """The topic of a subscription that stands; None where another release wrote it in a language of its own."""
    try:
        return parse_topic(text)
    except BadTopic:
        return None


def _without_meaning(said: str) -> str:
    words = keywords(said)
    instead = render(words) if words else 'quantization OR "kv cache"'
    return (
        f"about:“{said[:_SHOWN]}” needs the “semantic” extra and a model, which this installation does not have "
        f"(see BROADSHEET_SEMANTIC_MODEL). Words do without it, for instance: {instead}"
    )
