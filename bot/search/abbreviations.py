"""What abbreviations of papers stand for: a search for one finds papers that write it out.

Each was written behind its long form, in brackets, in ten or more of 51,000 abstracts of all of arXiv's fields, and
in three of five cases meant this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

_TABLE = """
    absa aspect based sentiment analysis
    adas advanced driver assistance systems
    admm alternating direction method of multipliers
    agi artificial general intelligence
    ai artificial intelligence
    ann artificial neural networks
    aoi age of information
    api application programming interface
    asd autism spectrum disorder
    asp answer set programming
    asr automatic speech recognition
    ast abstract syntax trees
    au action units
    auc area under the curve
    auv autonomous underwater vehicle
    av autonomous vehicles
    bci brain computer interfaces
    bec bose einstein condensate
    ber bit error rate
    bo bayesian optimization
    bs base station
    cbf control barrier functions
    cca canonical correlation analysis
    cdw charge density wave
    cf collaborative filtering
    cfg classifier free guidance
    clip contrastive language image pre training
    cnn convolutional neural networks
    com center of mass
    cot chain of thought
    cpg central pattern generators
    cps cyber physical systems
    cpt continued pre training
    crf conditional random field
    csi channel state information
    ct computed tomography
    cua computer use agents
    d2d device to device
    dag directed acyclic graph
    dcnn deep convolutional neural network
    dct discrete cosine transform
    der distributed energy resources
    dft density functional theory
    dl deep learning
    dlm diffusion language models
    dm diffusion models
    dmp dynamic movement primitives
    dnn deep neural networks
    doa direction of arrival
    dof degrees of freedom
    dpo direct preference optimization
    dqn deep q network
    drl deep reinforcement learning
    dsl domain specific language
    e2e end to end
    ea evolutionary algorithm
    ee energy efficiency
    eer equal error rate
    ehr electronic health records
    ekf extended kalman filter
    em expectation maximization
    eo earth observation
    erm empirical risk minimization
    ev electric vehicles
    fe finite element
    fem finite element method
    ffn feed forward networks
    fft fast fourier transform
    fl federated learning
    fm foundation models
    fov field of view
    fpga field programmable gate array
    fpt fixed parameter tractable
    ga genetic algorithm
    gan generative adversarial networks
    gcn graph convolutional networks
    gd gradient descent
    gdpr general data protection regulation
    gec grammatical error correction
    gmm gaussian mixture model
    gnn graph neural networks
    gnss global navigation satellite system
    gp gaussian process
    gps global positioning system
    gpu graphics processing units
    grpo group relative policy optimization
    gru gated recurrent unit
    gui graphical user interface
    har human activity recognition
    hdr high dynamic range
    hmc hamiltonian monte carlo
    hmd head mounted display
    hmm hidden markov model
    hoi human object interaction
    hpc high performance computing
    hr high resolution
    hrc human robot collaboration
    hri human robot interaction
    i2v image to video
    ica independent component analysis
    icl in context learning
    icn information centric networking
    icp iterative closest point
    ict information and communication technologies
    il imitation learning
    ilp integer linear programming
    imu inertial measurement unit
    inr implicit neural representations
    iot internet of things
    iou intersection over union
    iqa image quality assessment
    irl inverse reinforcement learning
    irs intelligent reflecting surface
    kb knowledge base
    kd knowledge distillation
    kg knowledge graphs
    kl kullback leibler
    knn k nearest neighbors
    kv key value
    lalm large audio language models
    lda latent dirichlet allocation
    ldm latent diffusion models
    lfd learning from demonstration
    llm large language models
    lm language models
    lmm large multimodal models
    los line of sight
    lp linear programming
    lrm large reasoning models
    lsh locality sensitive hashing
    lstm long short term memory
    lte long term evolution
    ltl linear temporal logic
    lvlm large vision language models
    mab multi armed bandit
    mac medium access control
    mae mean absolute error
    marl multi agent reinforcement learning
    mas multi agent systems
    mav micro aerial vehicles
    mcmc markov chain monte carlo
    mcp model context protocol
    mcq multiple choice questions
    mcts monte carlo tree search
    md molecular dynamics
    mdp markov decision process
    mfcc mel frequency cepstral coefficients
    mil multiple instance learning
    milp mixed integer linear programming
    mim masked image modeling
    mimo multiple input multiple output
    ml machine learning
    mle maximum likelihood estimation
    mlip machine learning interatomic potentials
    mllm multimodal large language models
    mlm masked language modeling
    mlp multi layer perceptron
    mmd maximum mean discrepancy
    mmse minimum mean square error
    moe mixture of experts
    mos mean opinion score
    mpc model predictive control
    mrc machine reading comprehension
    mrf markov random fields
    mri magnetic resonance imaging
    mse mean squared error
    mt machine translation
    mtl multi task learning
    mtp multi token prediction
    mvs multi view stereo
    nas neural architecture search
    ner named entity recognition
    nfv network function virtualization
    nisq noisy intermediate scale quantum
    nl natural language
    nlg natural language generation
    nli natural language inference
    nlp natural language processing
    nlu natural language understanding
    nmf negative matrix factorization
    nmpc nonlinear model predictive control
    nmr nuclear magnetic resonance
    nmt neural machine translation
    nn neural network
    noma non orthogonal multiple access
    nvs novel view synthesis
    ocr optical character recognition
    ode ordinary differential equation
    ofdm orthogonal frequency division multiplexing
    ood out of distribution
    opd on policy distillation
    opsd on policy self distillation
    osn online social networks
    ot optimal transport
    p2p peer to peer
    pca principal component analysis
    pde partial differential equations
    pdf probability density function
    peft parameter efficient fine tuning
    pii personally identifiable information
    pinn physics informed neural networks
    plm pre trained language models
    poi point of interest
    pomdp partially observable markov decision process
    pos part of speech
    ppo proximal policy optimization
    prm process reward models
    psf point spread function
    psnr peak signal to noise ratio
    pso particle swarm optimization
    ptq post training quantization
    pu primary user
    qa question answering
    qkd quantum key distribution
    qoe quality of experience
    qos quality of service
    qp quadratic programming
    rag retrieval augmented generation
    rbf radial basis functions
    rf radio frequency
    rft reinforcement fine tuning
    rkhs reproducing kernel hilbert space
    rl reinforcement learning
    rlhf reinforcement learning from human feedback
    rlvr reinforcement learning with verifiable rewards
    rm reward models
    rmse root mean square error
    rnn recurrent neural networks
    roi region of interest
    rom reduced order models
    ros robot operating system
    rrt rapidly exploring random tree
    sam segment anything model
    sde stochastic differential equation
    sdf signed distance function
    sdn software defined networking
    sds score distillation sampling
    sfm structure from motion
    sft supervised fine tuning
    sgd stochastic gradient descent
    sinr signal to interference plus noise ratio
    slam simultaneous localization and mapping
    slu spoken language understanding
    snn spiking neural networks
    snr signal to noise ratio
    sota state of the art
    sr super resolution
    ssm state space models
    stft short time fourier transform
    su secondary user
    svd singular value decomposition
    svm support vector machine
    t2i text to image
    t2v text to video
    tof time of flight
    tplp theory and practice of logic programming
    tsp traveling salesman problem
    tta test time adaptation
    ttft time to first token
    tts text to speech
    ttt test time training
    tv total variation
    uav unmanned aerial vehicles
    ucb upper confidence bound
    uda unsupervised domain adaptation
    ue user equipment
    ugc user generated content
    ugv unmanned ground vehicles
    ui user interface
    ukf unscented kalman filter
    uq uncertainty quantification
    v2v vehicle to vehicle
    vfm vision foundation models
    vio visual inertial odometry
    vl vision language
    vla vision language action
    vlm vision language models
    vln vision and language navigation
    vq vector quantization
    vqa visual question answering
    vr virtual reality
    wam world action models
    wer word error rate
    wsd word sense disambiguation
    wsi whole slide images
    wsn wireless sensor networks
"""

LONG_FORMS: Mapping[str, str] = dict(line.strip().split(" ", 1) for line in _TABLE.strip().splitlines())
"""By the abbreviation, in small letters and singular."""
