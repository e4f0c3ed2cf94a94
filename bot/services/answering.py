"""Answering `/papers …`: one text and its caller in, one Reply out. Every platform goes through here."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot import commands
from bot.command_parser import parse_command, parse_form
from bot.command_table import VERBS
from bot.commands import Caller, Command
from bot.compose.digest import KEY_LENGTH
from bot.compose.forms import edit_form, form
from bot.compose.help import help_document
from bot.compose.log import log_blocks
from bot.compose.marks import marked_blocks, saved_blocks
from bot.compose.reading import day_document, paper_document, trends_document
from bot.compose.replies import compared_blocks, refusal, reply, say_subscription, subscriptions_document
from bot.compose.searching import help_on_search, search_blocks, similar_blocks
from bot.compose.status import WHEN_IN_DOUBT, say_next, status_blocks
from bot.compose.topics import difference_blocks, preview_blocks, why_blocks
from bot.document import Block, Document, Entries, Entry, FormPreview, Heading, Note, Reply, Tone
from bot.errors import BadArgument, BadForm, BroadsheetError, CannotPost, SubscriptionExists
from bot.findings import Choice
from bot.ledger import Delivery
from bot.model import ChangesBy, Platform, Role, Subscription, say_channel
from bot.outcome import Sent
from bot.ports import Clock, Messenger
from bot.ranking import Weights, say_search_weights, say_weights
from bot.schedule import say_days, say_instant
from bot.services.auditing import Auditing
from bot.services.completing import Completing
from bot.services.explaining import Explaining
from bot.services.filling import Filling
from bot.services.marking import Marking
from bot.services.pausing import Pausing
from bot.services.permission import Permission
from bot.services.previewing import Previewing
from bot.services.reading import Reading
from bot.services.searching import Searching
from bot.services.status import Status
from bot.services.subscriptions import Edited, Subscribed, Subscribing
from bot.services.topic_entry import TopicEntry, stored_topic

_log = structlog.get_logger(__name__)
_WHO = {ChangesBy.ANYONE: "anyone", ChangesBy.EDITORS: "editors and admins", ChangesBy.ADMINS: "only admins"}


@dataclass(frozen=True, slots=True)
class Answering:
    """The dispatcher. Errors are values: whatever happens, the caller gets a Reply."""

    reading: Reading
    subscribing: Subscribing
    clock: Clock
    messengers: Mapping[Platform, Messenger]
    wake: Callable[[], None]
    weights: Weights
    zone: str
    marking: Marking
    permission: Permission
    filling: Filling
    entry: TopicEntry
    previewing: Previewing
    explaining: Explaining
    pausing: Pausing
    status: Status
    searching: Searching
    auditing: Auditing
    completing: Completing

    async def __call__(self, caller: Caller, text: str) -> Reply:
        """Answer the text typed after `/papers`; a change also leaves its one public line in the channel."""
        return await self._finished(caller, self._typed(caller, text))

    async def submit(self, caller: Caller, verb: str, values: Mapping[str, str]) -> Reply:
        """Answer a form that was filled in; where a field cannot be read the form comes back with the error at it."""
        return await self._finished(caller, self._submitted(caller, verb, values))

    async def filled(self, caller: Caller, verb: str, values: Mapping[str, str]) -> Reply:
        """Answer a command whose values came one by one, by the names of its parameters: as if it had been typed."""
        return await self._finished(caller, self._filled(caller, verb, values))

    async def form(self, caller: Caller, verb: str, name: str = "") -> Reply:
        """The form of `subscribe`, or of `edit` filled in with the subscription of that name."""
        return await self._finished(caller, self._form(caller, verb, name))

    async def preview(self, caller: Caller, verb: str, values: Mapping[str, str]) -> FormPreview:
        """What is said of a form while it is filled in; what a member can get wrong is said at its field."""
        return await self.filling.preview(caller, verb, values)

    async def complete(
        self, caller: Caller, verb: str, parameter: str, typed: str, filled: Mapping[str, str]
    ) -> Sequence[Choice]:
        """What `typed` may become as this value of the command, the best first; nothing where that fails."""
        try:
            return await self.completing(caller, verb, parameter, typed, filled)
        except Exception:  # noqa: BLE001 - who types goes on typing
            _log.exception("completing failed", verb=verb, parameter=parameter)
            return ()

    async def _form(self, caller: Caller, verb: str, name: str) -> Reply:
        await self.permission.check(caller, commands.Subscribe())
        return reply(await self.filling.form(caller, verb, name))

    async def _typed(self, caller: Caller, text: str) -> Reply:
        return await self._answer(caller, parse_command(text))

    async def _filled(self, caller: Caller, verb: str, values: Mapping[str, str]) -> Reply:
        return await self._answer(caller, parse_form(verb, values))

    async def _submitted(self, caller: Caller, verb: str, values: Mapping[str, str]) -> Reply:
        try:
            command = parse_form(verb, values)
            # A form has shown what it would change while it was filled in.
            return await self._answer(
                caller, replace(command, sure=True) if isinstance(command, commands.Edit) else command
            )
        except BadForm as error:
            errors = error.errors
        except BadArgument as error:
            errors = {error.field: error.user_message}
        except SubscriptionExists as error:
            errors = {"name": error.user_message}
        return reply(form(VERBS[verb.casefold()], values=values, errors=errors))

    async def _finished(self, caller: Caller, asked: Awaitable[Reply]) -> Reply:
        """Whatever happens, the caller gets a Reply; errors are values."""
        try:
            answer = await asked
        except BroadsheetError as error:
            return refusal(error)
        except Exception:  # noqa: BLE001 - the last resort: the caller always gets an answer
            incident = secrets.token_hex(4)
            _log.exception("command failed", incident=incident)
            sentence = f"Something went wrong on my side; nothing was changed. It is in my log as {incident}."
            return reply(Note(sentence, Tone.ERROR, "internal"))
        if answer.public is not None:  # a change; what only reads leaves nothing to deliver
            await self.auditing.note(caller, answer.public)
            await self._say(caller, answer.public)
            self.wake()
        return answer

    async def _answer(self, caller: Caller, command: Command) -> Reply:  # noqa: C901, PLR0911, PLR0912 - one a command
        await self.permission.check(caller, command)
        match command:
            case commands.Help(verb):
                return reply(*help_document(verb))
            case commands.Today():
                return reply(*day_document(await self.reading.today(command), command))
            case commands.Trending():
                return reply(*trends_document(await self.reading.trending(command), command))
            case commands.Show():
                return reply(*paper_document(await self.reading.show(command)))
            case commands.Search() | commands.Similar():
                return reply(*await self._searched(caller, command))
            case commands.Preview():
                return reply(*preview_blocks(await self.previewing.preview(caller, command)))
            case commands.Why():
                return reply(*why_blocks(await self.explaining.why(caller, command)))
            case commands.ListSubscriptions():
                return reply(*subscriptions_document(caller.channel_name, await self.subscribing.of(caller)))
            case commands.OpenForm(name):
                return await self._form(caller, "edit" if name else "subscribe", name or "")
            case commands.ShowLog():
                return reply(*log_blocks(caller.channel_name, await self.auditing.of(caller, command), command))
            case commands.Subscribe():
                return await self._subscribe(caller, command)
            case commands.Edit(changes_nothing=True):
                return await self._form(caller, "edit", command.subscription)
            case commands.Edit(topic=str(), sure=False):
                return await self._compared(caller, command)
            case commands.Edit():
                return _edited(caller, await self.subscribing.edit(caller, command))
            case commands.Unsubscribe():
                return _stopped(caller, await self.subscribing.unsubscribe(caller, command))
            case commands.ShowStatus():
                return reply(*status_blocks(await self.status.of(caller)))
            case commands.PauseDigests():
                return _paused(caller, await self.pausing.pause(caller, command))
            case commands.ResumeDigests():
                return _resumed(caller, await self.pausing.resume(caller, command))
            case commands.Vote() | commands.Unvote() | commands.Save() | commands.Unsave():
                made = await self.marking.mark(caller, command)
                blocks = marked_blocks(command, made.paper, made.mark, changed=made.changed)
                return replace(reply(*blocks), mark=made.mark)
            case commands.ListSaved():
                return reply(*saved_blocks(await self.marking.saved(caller, command), command))
            case commands.ShowSettings():
                return await self._set(caller, command)

    async def _searched(self, caller: Caller, command: commands.Search | commands.Similar) -> tuple[Block, ...]:
        if isinstance(command, commands.Similar):
            return similar_blocks(await self.searching.similar(caller, command), command)
        if not command.text:
            return help_on_search()
        return search_blocks(await self.searching.search(caller, command), command)

    async def _compared(self, caller: Caller, command: commands.Edit) -> Reply:
        """A new topic with what it would change; nothing is changed yet. The same topic is saved at once."""
        standing = await self.subscribing.named(caller, command.subscription)
        topic = await self.entry.read(command.topic or "")
        if topic == stored_topic(standing.topic):
            return _edited(caller, await self.subscribing.edit(caller, command))
        proposed = self.subscribing.changed(standing, command, topic)
        found = await self.previewing.difference(caller, standing.topic, topic)
        blocks = (*compared_blocks(standing, proposed, topic.notes), *difference_blocks(found))
        return reply(*blocks, edit_form(standing, proposed))

    async def _subscribe(self, caller: Caller, command: commands.Subscribe) -> Reply:
        if trouble := await self.messengers[caller.channel.platform].prepare(caller.channel):
            raise CannotPost(trouble)
        return self._subscribed(caller, await self.subscribing.subscribe(caller, command))

    def _subscribed(self, caller: Caller, made: Subscribed) -> Reply:
        name, notes = made.subscription.name, _say_new(made.new_categories)
        first = say_instant(made.subscription.next_due_at, made.subscription.schedule.zone)
        sample = (
            f"A sample of {made.sampled} from the newest days follows in the channel."
            if made.sampled
            else "The newest days hold nothing on it that this channel has not seen, so there is no sample."
        )
        if made.topic.categories and not made.sampled:
            text = "Papers whose arXiv categories are not known yet are not counted; they are looked up meanwhile."
            notes.append(Note(text, Tone.QUIET))
        if made.topic.notes:
            read = f"I read it as the topic {made.topic.text}"
            notes[:0] = [Note(read, Tone.QUIET), *(Note(each, Tone.QUIET) for each in made.topic.notes)]
        said = Note(
            f"Subscribed {say_channel(caller.channel_name)} to {say_subscription(made.subscription)}.", Tone.GOOD
        )
        stop = Note(f"{sample} The first digest is due {first}. To stop it: /papers unsubscribe {name}")
        return reply(
            said,
            stop,
            *notes,
            public=f"{caller.member.name} subscribed this channel, as “{name}”: {say_subscription(made.subscription)}.",
        )

    async def _set(self, caller: Caller, command: commands.ShowSettings) -> Reply:
        if command.doubts is not None:
            await self.permission.check(caller, commands.Subscribe())
            await self.status.prefer(caller, command.doubts)
            rule = WHEN_IN_DOUBT[command.doubts]
            return reply(
                Note(f"In this channel from now on {rule}.", Tone.GOOD),
                public=f"{caller.member.name} set what is done about doubtful messages here: {rule}.",
            )
        if command.allow is not None:
            return await self._allowed(caller, command.allow)
        if (named := command.editor or command.member) is not None:
            role = Role.EDITOR if command.editor else Role.MEMBER
            name = (await self.permission.appoint(caller, named, role)).name
            said = f"{name} is now {'an editor' if role is Role.EDITOR else 'no editor any more'}"
            return reply(Note(f"{said}.", Tone.GOOD), public=f"{caller.member.name} changed a role: {said}.")
        return reply(*await self._settings(caller))

    async def _allowed(self, caller: Caller, who: ChangesBy) -> Reply:
        await self.permission.allow(caller, who)
        public = f"{caller.member.name} let {_WHO[who]} change subscriptions here."
        return reply(Note(f"From now on {_WHO[who]} may change subscriptions here.", Tone.GOOD), public=public)

    async def _settings(self, caller: Caller) -> tuple[Block, ...]:
        zone = caller.member.zone or self.zone
        count = len(await self.subscribing.of(caller))
        rule = await self.permission.rule(caller)
        defaults = commands.Subscribe()
        entries = (
            Entry(
                "Channel",
                f"{say_channel(caller.channel_name, first=True)}, {count} subscription{'' if count == 1 else 's'}",
            ),
            Entry("You", f"{caller.member.name}, {caller.member.role.value}, {zone}"),
            Entry("Who changes subscriptions", _WHO[rule]),
            Entry(
                "A new subscription",
                f"at {defaults.at:%H:%M}, {say_days(defaults.days)}, the {defaults.size} best, "
                f"as {defaults.layout.value}",
            ),
            Entry("Doubtful messages", WHEN_IN_DOUBT[(await self.status.of(caller)).when_in_doubt]),
            Entry("Ranking", say_weights(self.weights)),
            Entry("Ranking of searches", say_search_weights(self.searching.retrieval.weights)),
        )
        return (Heading("Settings"), Entries(entries))

    async def _say(self, caller: Caller, document: Document) -> None:
        """Post a public line. It is no delivery of the ledger: losing one costs nobody a paper."""
        now = self.clock.now()
        seed = f"{caller.channel}\x1f{caller.member.id}\x1f{now.isoformat()}\x1f{document}"
        key = hashlib.sha256(seed.encode()).hexdigest()[:KEY_LENGTH]
        line = Delivery(key=key, edition_id=0, part=0, channel=caller.channel)
        outcome = await self.messengers[caller.channel.platform].post(line, document, reply_to=None)
        if not isinstance(outcome, Sent):
            _log.warning("public line not posted", outcome=str(outcome))


def _edited(caller: Caller, edited: Edited) -> Reply:
    before, after = say_subscription(edited.before), say_subscription(edited.after)
    if edited.before == edited.after:
        return reply(Note(f"“{edited.after.name}” stays as it is: {after}."))
    renamed = f", which is now called “{edited.after.name}”" if edited.before.name != edited.after.name else ""
    first = say_instant(edited.after.next_due_at, edited.after.schedule.zone)
    return reply(
        Note(f"“{edited.before.name}” is changed{renamed}: {after}.", Tone.GOOD),
        Note(f"It was: {before}. The next digest is due {first}.", Tone.QUIET),
        *_say_new(edited.new_categories),
        public=f"{caller.member.name} changed the subscription “{edited.before.name}”{renamed}: {after}.",
    )


def _stopped(caller: Caller, removed: Subscription) -> Reply:
    return reply(
        Note(f"“{removed.name}” is stopped: {say_subscription(removed)}.", Tone.GOOD),
        public=f"{caller.member.name} stopped the subscription “{removed.name}”.",
    )


def _paused(caller: Caller, paused: Sequence[Subscription]) -> Reply:
    names = " and ".join(f"“{each.name}”" for each in paused)
    return reply(
        Note(f"{names}: {'; '.join(say_next(each) for each in paused)}.", Tone.GOOD),
        Note("What is announced meanwhile is not lost: the best of it is in the first digest afterwards.", Tone.QUIET),
        public=f"{caller.member.name} paused {names}{_until(paused)}.",
    )


def _until(paused: Sequence[Subscription]) -> str:
    until = paused[0].pause.until_on if paused[0].pause else None
    return f" until {until}" if until else ""


def _resumed(caller: Caller, resumed: Sequence[Subscription]) -> Reply:
    if not resumed:
        return reply(Note("Nothing is paused here."))
    names = " and ".join(f"“{each.name}”" for each in resumed)
    return reply(
        Note(f"{names}: {'; '.join(say_next(each) for each in resumed)}.", Tone.GOOD),
        public=f"{caller.member.name} resumed {names}.",
    )


def _say_new(categories: tuple[str, ...]) -> list[Note]:
    if not categories:
        return []
    text = f"{', '.join(categories)} was not fetched until now; its papers come with arXiv's next announcement."
    return [Note(text, Tone.QUIET)]
