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
  joined: boolean;
  /** One after the other: supabase-js has one channel a topic, and gives one that is being left. */
  changing: Promise<void>;
}

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
      changing: Promise.resolve(),
    };
  all.set(clinicId, topic);

  function change(): Promise<void> {
    return topic.changing = topic.changing.then(async () => {
      if (topic.listeners.size > 0) {
        topic.channel ??= join(supabase, clinicId, topic);
      } else if (topic.channel) {
        await supabase.removeChannel(topic.channel);
        topic.channel = undefined;
        topic.joined = false;
      }
    });
  }

  topic.listeners.add(listener);
  if (topic.joined) listener.joined();
  change();
  return () => {
    topic.listeners.delete(listener);
    return change();
  };
}

function join(
  supabase: SupabaseClient<Database>,
  clinicId: string,
  topic: Topic,
): RealtimeChannel {
  return supabase.channel(`clinic:${clinicId}`, { config: { private: true } })
    .on("broadcast", { event: "summary" }, ({ payload }) => {
      for (const listener of topic.listeners) {
        listener.event(payload as SummaryEvent);
      }
    })
    // supabase-js joins again by itself, and says so.
    .subscribe((status) => {
      topic.joined = status === "SUBSCRIBED";
      if (topic.joined) {
        for (const listener of topic.listeners) listener.joined();
      }
    });
}
