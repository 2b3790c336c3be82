package dev.luthier.core.prompt;

import dev.luthier.core.json.Json;
import dev.luthier.core.problem.Problem;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * What {@link PromptProcess} and {@link PromptMain} say to each other. Requests: a byte for the kind of source, the
 * number of bytes, the source as JSON. Replies: the name of the kind and what belongs to it.
 */
final class PromptFrames {
    private static final int CHAT = 'C';
    private static final int TEXT = 'T';
    private static final int CLASSIFIED_CHAT = 'c';
    private static final int CLASSIFIED_TEXT = 't';

    private PromptFrames() {}

    /** Kinds of replies, in the order in which they come. */
    enum Reply {
        /** The model is loaded; nothing follows. */
        LOADED,
        /** The prompt's text is made and will be tokenized; nothing follows. */
        RENDERED,
        /** The request is answered: how many tokens were added, how many there are, the tokens. */
        TOKENS,
        /** The request, or loading, failed: the problem as JSON. */
        PROBLEM
    }

    static void write(DataOutputStream out, PromptSource source) throws IOException {
        out.writeByte(switch (source) {
            case PromptSource.Chat _ -> CHAT;
            case PromptSource.Text _ -> TEXT;
            case PromptSource.ClassifiedChat _ -> CLASSIFIED_CHAT;
            case PromptSource.ClassifiedText _ -> CLASSIFIED_TEXT;
        });
        writeJson(out, source);
        out.flush();
    }

    static PromptSource readSource(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case CHAT -> readJson(in, PromptSource.Chat.class);
            case TEXT -> readJson(in, PromptSource.Text.class);
            case CLASSIFIED_CHAT -> readJson(in, PromptSource.ClassifiedChat.class);
            case CLASSIFIED_TEXT -> readJson(in, PromptSource.ClassifiedText.class);
            default -> throw new IOException("a request begins with " + kind);
        };
    }

    /** Writes a reply that nothing follows. */
    static void write(DataOutputStream out, Reply kind) throws IOException {
        out.writeUTF(kind.name());
        out.flush();
    }

    static void write(DataOutputStream out, PromptTokens tokens) throws IOException {
        out.writeUTF(Reply.TOKENS.name());
        out.writeInt(tokens.added());
        out.writeInt(tokens.ids().length);
        for (int id : tokens.ids()) {
            out.writeInt(id);
        }
        out.flush();
    }

    static void write(DataOutputStream out, Problem problem) throws IOException {
        out.writeUTF(Reply.PROBLEM.name());
        writeJson(out, problem);
        out.flush();
    }

    static Reply readReply(DataInputStream in) throws IOException {
        return Reply.valueOf(in.readUTF());
    }

    static PromptTokens readTokens(DataInputStream in) throws IOException {
        int added = in.readInt();
        int[] ids = new int[in.readInt()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = in.readInt();
        }
        return new PromptTokens(ids, added);
    }

    static Problem readProblem(DataInputStream in) throws IOException {
        return readJson(in, Problem.class);
    }

    private static void writeJson(DataOutputStream out, Object value) throws IOException {
        byte[] json = Json.MAPPER.writeValueAsBytes(value);
        out.writeInt(json.length);
        out.write(json);
    }

    private static <T> T readJson(DataInputStream in, Class<T> type) throws IOException {
        return Json.MAPPER.readValue(in.readNBytes(in.readInt()), type);
    }
}
