/** A clinic's Realtime topic, joined once for everybody on a page who follows it. */
import type { RealtimeChannel, SupabaseClient } from "@supabase/supabase-js";
import type { Database, SummaryEvent } from "./types.ts";

interface Listener {
  event(event: SummaryEvent): void;
  /** Joined, at first or again: what happened before was not heard. */
  joined(): void;
}

interface Topic {
  listeners: Set<Listener>;
  channel?: RealtimeChannel;
  /** The channel's. */
  name?: string;
  joined: boolean;
  /** One after the other: supabase-js has one channel a topic, and gives one that is being left. */
  changing: Promise<void>;
  /** The next look at a name that could not be read. */
  timer?: ReturnType<typeof setTimeout>;
  /** Before that look. */
  pause: number;
}

/**
 * How long until the topic's name is read again when nobody gave it, or the channel was closed: each
 * time longer, as who has left the clinic will not be given it.
 */
const FIRST_PAUSE_MS = 3000;
const LAST_PAUSE_MS = 60_000;

const topics = new WeakMap<object, Map<string, Topic>>();

/** Gives what ends it; that resolves when the topic was left, if it was the last one. */
export function listen(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  listener: Listener,
): () => Promise<void> {
  const all = topics.get(supabase) ?? new Map<string, Topic>();
  topics.set(supabase, all);
  const topic = all.get(clinicId) ??
    {
      listeners: new Set<Listener>(),
      joined: false,
      pause: FIRST_PAUSE_MS,
      changing: Promise.resolve(),
    };
  all.set(clinicId, topic);
  topic.listeners.add(listener);
  if (topic.joined) listener.joined();
  if (!topic.channel) change(supabase, clinicId, topic);
  return () => {
    topic.listeners.delete(listener);
    return change(supabase, clinicId, topic);
  };
}

/** Joins the topic by its present name, or leaves it. */
function change(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  topic: Topic,
): Promise<void> {
  clearTimeout(topic.timer);
  return topic.changing = topic.changing.then(async () => {
    const name = topic.listeners.size > 0 ? await nameOf(supabase, clinicId) : null;
    if (topic.channel && topic.name !== name) {
      const left = topic.channel;
      topic.channel = undefined;
      topic.joined = false;
      await supabase.removeChannel(left);
    }
    if (topic.listeners.size === 0) return;
    if (!name) later(supabase, clinicId, topic);
    else if (!topic.channel) join(supabase, clinicId, topic, name);
  });
}

function later(supabase: SupabaseClient<Database>, clinicId: string, topic: Topic) {
  clearTimeout(topic.timer);
  topic.timer = setTimeout(() => change(supabase, clinicId, topic), topic.pause);
  topic.pause = Math.min(topic.pause * 2, LAST_PAUSE_MS);
}

/** Null when it can't be read: the network is away, or the clinic is not the user's. */
async function nameOf(
  supabase: SupabaseClient<Database>,
  clinicId: string,
): Promise<string | null> {
  const { data } = await supabase.from("clinics").select("topic").eq("id", clinicId)
    .maybeSingle();
  return data?.topic ?? null;
}

function join(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  topic: Topic,
  name: string,
): void {
  const channel = supabase.channel(name, { config: { private: true } });
  Object.assign(topic, { channel, name });
  channel
    .on("broadcast", { event: "summary" }, ({ payload }) => {
      for (const listener of topic.listeners) {
        listener.event(payload as SummaryEvent);
      }
    })
    // Somebody left the clinic: it goes on under another name.
    .on("broadcast", { event: "moved" }, () => change(supabase, clinicId, topic))
    // supabase-js joins again by itself, and says so.
    .subscribe((status) => {
      // One that was left.
      if (topic.channel !== channel) return;
      topic.joined = status === "SUBSCRIBED";
      if (topic.joined) {
        topic.pause = FIRST_PAUSE_MS;
        for (const listener of topic.listeners) listener.joined();
      } else if (status === "CLOSED") {
        // By Realtime, for good.
        topic.channel = undefined;
        later(supabase, clinicId, topic);
      } else {
        // Asleep or offline, one doesn't hear that it moved.
        change(supabase, clinicId, topic);
      }
    });
}
