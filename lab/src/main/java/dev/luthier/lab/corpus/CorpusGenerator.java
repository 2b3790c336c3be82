package dev.luthier.lab.corpus;

import java.util.Iterator;
import java.util.List;

/**
 * The endless pre-training corpus of one seed: document {@code n} depends on the seed and on {@code n} alone, and is the same on every
 * JVM. It begins with a stretch of short copy tasks, then mixes extraction, questions, small tasks and narrative.
 *
 * <p>
 * Not thread-safe; make one per thread.
 */
public final class CorpusGenerator implements Iterator<Document> {
    private final long seed;
    private final long copyDocuments;
    private final Stories stories;
    private final RecordTasks records;
    private final CopyTasks copies;
    private final SmallTasks small;
    private long next;

    /**
     * @param copyDocuments
     *            how many documents at the start are short copy tasks only; 0 for a held-out sample of the mix
     */
    public CorpusGenerator(long seed, long copyDocuments) {
        if (copyDocuments < 0) {
            throw new IllegalArgumentException("copyDocuments is " + copyDocuments);
        }
        Lexicon lexicon = Lexicon.load();
        this.seed = seed;
        this.copyDocuments = copyDocuments;
        this.stories = new Stories(lexicon);
        this.records = new RecordTasks(Domain.load(), new Values(lexicon));
        this.copies = new CopyTasks(lexicon);
        this.small = new SmallTasks(lexicon);
    }

    @Override
    public boolean hasNext() {
        return true;
    }

    @Override
    public Document next() {
        return document(next++);
    }

    /** Document number {@code index} of this seed. */
    public Document document(long index) {
        Draw draw = Draw.ofDocument(seed, index);
        if (index < copyDocuments) {
            return draw.chance(0.7) ? copies.repeat(6, draw) : copies.pairs(3, draw);
        }
        int percent = draw.between(1, 100);
        if (percent <= 50) {
            return records.json(draw);
        } else if (percent <= 53) {
            return records.lines(draw);
        } else if (percent <= 63) {
            return records.questions(draw);
        } else if (percent <= 65) {
            return records.table(draw);
        } else if (percent <= 69) {
            return records.lookUp(draw);
        } else if (percent <= 77) {
            return draw.pick(List.of(copies.repeat(14, draw), copies.repeatOnRequest(draw), copies.follow(draw),
                    copies.jsonList(draw), copies.jsonList(draw)));
        } else if (percent <= 81) {
            return copies.pairs(7, draw);
        } else if (percent <= 84) {
            return small.numbers(draw);
        } else if (percent <= 89) {
            return small.clocks(draw);
        } else if (percent <= 92) {
            return small.kinds(draw);
        } else if (percent <= 93) {
            return draw.chance(0.5) ? small.filter(draw) : small.order(draw);
        } else if (percent <= 94) {
            return small.talk(draw);
        }
        return Document.plain(stories.story(draw.chance(0.04) ? draw.between(15, 28) : draw.between(1, 5), draw));
    }
}
