package dev.luthier.core.model;

import java.util.Set;

/** Names of {@code config.json} fields that real models carry and that leave a decoder's forward pass as it is. */
final class IrrelevantFields {

    /** Provenance and the library's own bookkeeping. */
    private static final Set<String> BOOKKEEPING = Set.of("_name_or_path", "name_or_path", "_commit_hash",
            "transformers_version", "transformers.js_config", "unsloth_version", "unsloth_fixed", "model_name",
            "is_llama_config", "tokenizer_class", "prefix", "_attn_implementation", "attn_implementation",
            "_attn_implementation_autoset", "_flash_attn_2_enabled", "use_flash_attn", "torchscript", "use_bfloat16",
            "return_dict", "output_attentions", "output_hidden_states", "use_cache", "chunk_size_feed_forward",
            "max_sequence_length", "keys_to_ignore_at_inference", "model_max_length", "max_seq_len", "max_seq_length",
            "seq_length", "seq_len", "tokenizer_name", "tokenizer_path", "tokenizer_model_max_length", "license",
            "language", "tags", "library_name", "pipeline_tag", "base_model", "model_id", "description", "author",
            "version", "_from_model_config", "_attn_implementation_internal", "use_flash_attention",
            "use_flash_attention_2", "flash_attention", "flash_attn", "attn_impl", "use_return_dict", "output_past",
            "onnx", "trust_remote_code", "mistral_version", "experts_implementation");

    /** Used only when weights are first made. */
    private static final Set<String> INITIALISATION = Set.of("initializer_range", "initializer_factor", "init_std",
            "init_method_std", "initializer_scale");

    /** Used only in training, with how a model was spread over devices then, which changes no result. */
    private static final Set<String> TRAINING = Set.of("attention_dropout", "attention_probs_dropout_prob",
            "hidden_dropout", "hidden_dropout_prob", "embd_pdrop", "attn_pdrop", "resid_pdrop", "dropout",
            "embedding_dropout", "residual_dropout", "ffn_dropout", "mlp_dropout", "activation_dropout", "layerdrop",
            "dropout_rate", "summary_first_dropout", "lm_head_dropout", "gradient_checkpointing",
            "use_gradient_checkpointing", "neftune_noise_alpha", "label_smoothing", "ignore_index", "loss_type",
            "z_loss", "bf16", "fp16", "fp32", "pretraining_tp", "tensor_parallel", "tensor_parallel_size",
            "sequence_parallel", "base_model_tp_plan", "base_model_pp_plan", "use_liger_kernel",
            "fused_cross_entropy", "fuse_cross_entropy", "fuse_norm", "fuse_swiglu", "seed", "train_seq_len",
            "is_training");

    /** Token ids and settings of generation, which are read elsewhere or given by the caller. */
    private static final Set<String> GENERATION = Set.of("bos_token_id", "eos_token_id", "pad_token_id",
            "cls_token_id", "mask_token_id", "bos_token", "eos_token", "pad_token", "unk_token", "min_p",
            "stop_strings",
            "generation_config", "sep_token_id", "unk_token_id", "decoder_start_token_id", "max_length", "min_length",
            "max_new_tokens",
            "do_sample", "early_stopping", "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k",
            "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size", "bad_words_ids", "num_return_sequences", "output_scores",
            "return_dict_in_generate", "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
            "exponential_decay_length_penalty", "suppress_tokens", "begin_suppress_tokens");

    /** Heads and roles that a causal language model does not have. */
    private static final Set<String> OTHER_HEADS = Set.of("is_decoder", "cross_attention_hidden_size",
            "tie_encoder_decoder", "pruned_heads", "finetuning_task", "id2label", "label2id", "num_labels",
            "problem_type", "task_specific_params", "tf_legacy_loss", "classifier_dropout");

    private IrrelevantFields() {}

    static boolean contains(String name) {
        return BOOKKEEPING.contains(name) || INITIALISATION.contains(name) || TRAINING.contains(name)
                || GENERATION.contains(name)
                || OTHER_HEADS.contains(name);
    }
}
